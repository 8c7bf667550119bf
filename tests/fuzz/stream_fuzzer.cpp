// Whatever a body is and in whatever pieces it comes: its lines are those of the whole, and nothing of it is lost.
#include "net/loop.hpp"
#include "tests/fuzz/expect.hpp"
#include "tests/fuzz/pieces.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace katydid;

namespace {

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = text.find_first_of("\r\n");
    lines.emplace_back(text.substr(0, end));
    if (end == text.npos) break;
    text.remove_prefix(end + (text.substr(end, 2) == "\r\n" ? 2 : 1));
  }
  return lines;
}

void take_lines(Pieces& stream, std::vector<std::string>& lines) {
  while (const auto line = stream.take_line()) lines.emplace_back(*line);
}

void take_pieces(Pieces& stream, std::string& all, std::size_t most) {
  while (!stream.pending().empty()) {
    const auto piece = stream.pending().substr(0, most);
    all += piece;
    stream.take(piece.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Loop loop(EventLoop::epoll);
  if (size < 2) return 0;
  const std::size_t piece = data[0] % 16 + 1, most = data[1] % 8 + 1;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  Pieces by_lines(loop), by_pieces(loop), at_the_end(loop);
  std::vector<std::string> lines, late;
  std::string all;
  for (auto left = text; !left.empty(); left.remove_prefix(std::min(piece, left.size()))) {
    by_lines.come(left.substr(0, piece));
    by_pieces.come(left.substr(0, piece));
    at_the_end.come(left.substr(0, piece));
    take_lines(by_lines, lines);
    take_pieces(by_pieces, all, most);
  }
  by_lines.end();
  by_pieces.end();
  at_the_end.end();
  take_lines(by_lines, lines);
  take_lines(at_the_end, late);
  expect(lines == lines_of(text), "pieces don't change the lines");
  expect(late == lines, "neither does waiting");
  expect(all == text, "nothing is lost");
  expect(by_lines.pending().empty() && !by_lines.take_line(), "the end is the end");
  return 0;
}
