// Whatever a stream of events is and in whatever pieces it comes: it has the events that WHATWG's standard says, read
// here from the whole text, letter by letter.
#include "base/utf8.hpp"
#include "net/loop.hpp"
#include "tests/fuzz/expect.hpp"
#include "tests/fuzz/pieces.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace katydid;

namespace {

struct Event {
  std::string type, data, id, retry;
  bool operator==(const Event&) const = default;
};

/// By the standard's own steps: decode, then lines, then fields.
std::vector<Event> expected(std::string_view bytes) {
  std::string text = valid_utf8(bytes);
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  std::vector<Event> events;
  std::string line, data, type, id, retry;
  const auto process = [&] {
    if (line.empty()) {
      if (!data.empty()) {
        data.pop_back();
        events.push_back({type.empty() ? "message" : type, data, id, retry});
      }
      data.clear();
      type.clear();
      return;
    }
    std::string field, value;
    bool in_value = false;
    for (const char c : line) {
      if (c == ':' && !in_value) {
        in_value = true;
      } else {
        (in_value ? value : field) += c;
      }
    }
    if (!value.empty() && value[0] == ' ') value.erase(0, 1);
    if (field == "event") type = value;
    if (field == "data") data += value + "\n";
    if (field == "id" && value.find('\0') == value.npos) id = value;
    const bool digits = !value.empty() && value.find_first_not_of("0123456789") == value.npos;
    if (field == "retry" && digits) {
      value.erase(0, std::min(value.find_first_not_of('0'), value.size() - 1));
      if (value.size() < 19) retry = value;
    }
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r' && text[i] != '\n') {
      line += text[i];
      continue;
    }
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
    process();
    line.clear();
  }
  return events;
}

void take_events(Pieces& stream, std::vector<Event>& events) {
  while (const auto* const event = stream.take_event()) {
    const auto retry = event->retry ? std::to_string(event->retry->count()) : std::string();
    events.push_back({std::string(event->type), std::string(event->data), std::string(event->id), retry});
  }
}

/// Of 19 digits some fit and others don't; the reference is not that exact.
bool has_long_number(std::string_view text) {
  std::size_t digits = 0;
  for (const char c : text) {
    digits = c >= '0' && c <= '9' ? digits + 1 : 0;
    if (digits >= 19) return true;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Loop loop(EventLoop::epoll);
  if (size < 1) return 0;
  const std::size_t piece = data[0] % 16 + 1;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (has_long_number(text)) return 0;
  const BodyStream::Limits limits{.most_pending = 1 << 20};
  Pieces at_once(loop, limits), in_pieces(loop, limits);
  std::vector<Event> whole, pieces;
  at_once.come(text);
  at_once.end();
  take_events(at_once, whole);
  for (auto left = text; !left.empty(); left.remove_prefix(std::min(piece, left.size()))) {
    in_pieces.come(left.substr(0, piece));
    take_events(in_pieces, pieces);
  }
  in_pieces.end();
  take_events(in_pieces, pieces);
  expect(whole == expected(text), "the events are the standard's");
  expect(pieces == whole, "pieces don't change them");
  expect(in_pieces.pending().empty() && in_pieces.error().empty(), "the end is the end");
  return 0;
}
