// Whatever a server sends and in whatever pieces it comes: the messages are those of the whole, none is larger than its
// limit, and what was refused stays refused. Fields end in a status, and metadata that came can be sent.
#include "base/utf8.hpp"
#include "grpc/answer.hpp"
#include "grpc/message_reader.hpp"
#include "http/content/gzip.hpp"
#include "tests/fuzz/expect.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace katydid;

namespace {

constexpr std::uint64_t most = 1 << 16;

std::vector<std::string> read(std::string_view bytes, std::size_t piece, GrpcMessageReader::Encoding encoding) {
  using Progress = GrpcMessageReader::Progress;
  GrpcMessageReader reader(most);
  reader.set_encoding(encoding);
  std::vector<std::string> found;
  while (!bytes.empty()) {
    std::string_view left = bytes.substr(0, piece);
    bytes.remove_prefix(left.size());
    auto progress = reader.feed(left);
    for (; progress == Progress::message; progress = reader.feed(left)) {
      expect(reader.message().size() <= most, "the limit holds");
      found.emplace_back(reader.message());
    }
    if (progress == Progress::failed) {
      expect(!reader.failure().ok() && !reader.at_boundary(), "a failure says what");
      found.push_back(reader.failure().error());
      return found;
    }
    expect(left.empty(), "all is taken");
  }
  found.emplace_back(reader.at_boundary() ? "whole" : "broken off");
  return found;
}

void take_answer(std::string_view text) {
  GrpcAnswer answer;
  bool taken = true;
  while (!text.empty() && taken) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const auto colon = line.find(':', 1);
    if (colon == line.npos) {
      taken = answer.end_of_fields();
    } else {
      taken = answer.take_field(line.substr(0, colon), line.substr(colon + 1));
    }
  }
  expect(taken == answer.failure().ok(), "what is refused has a reason");
  const auto status = answer.end(true);
  expect(valid_utf8_prefix(status.message) == status.message.size() || !taken, "a message is UTF-8");
  for (const auto& [key, value] : answer.trailing_metadata) {
    std::string lines;
    if (!append_metadata(lines, key, value).empty()) continue;
    const auto start = key.size() + 2;
    GrpcMetadata back;
    expect(add_field(back, key, std::string_view(lines).substr(start, lines.size() - start - 2)), "it is read back");
    expect(back.size() == 1 && back.front().second == value, "as it was");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t piece = data[0] % 32 + 1;
  const auto encoding = (data[1] & 1U) != 0 ? GrpcMessageReader::Encoding::gzip : GrpcMessageReader::Encoding::identity;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  expect(read(bytes, piece, encoding) == read(bytes, bytes.size() + 1, encoding), "pieces don't change what is read");
  std::string back;
  expect(gunzip(gzip(bytes), back, bytes.size()) == GunzipResult::ok && back == bytes, "gzip comes back");
  take_answer(bytes);
  return 0;
}
