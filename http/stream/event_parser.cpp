#include "http/stream/event_parser.hpp"

#include "base/utf8.hpp"

#include <charconv>

namespace katydid {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

void make_valid(std::string& text) {
  if (valid_utf8_prefix(text) != text.size()) text = valid_utf8(text);
}

}  // namespace

EventParser::Progress EventParser::take(std::string_view line) {
  if (!started_) {
    started_ = true;
    if (line.starts_with(byte_order_mark)) line.remove_prefix(byte_order_mark.size());
  }
  if (given_) {
    given_ = false;
    type_.clear();
    data_.clear();
  }
  if (line.empty()) return end_event();
  const auto colon = line.find(':');
  const auto name = line.substr(0, colon);  // "" is a comment
  auto value = colon == line.npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "data") return add_data(value);
  if (name == "event") {
    type_ = value;
    make_valid(type_);
  } else if (name == "id" && value.find('\0') == value.npos) {
    id_ = value;
    make_valid(id_);
  } else if (name == "retry") {
    set_retry(value);
  }
  return Progress::more;
}

EventParser::Progress EventParser::add_data(std::string_view line) {
  if (data_.size() + line.size() > most_bytes_) return Progress::too_large;
  data_.append(line).push_back('\n');
  return Progress::more;
}

EventParser::Progress EventParser::end_event() {
  if (data_.empty()) {
    type_.clear();
    return Progress::more;
  }
  data_.pop_back();
  make_valid(data_);
  event_.type = type_.empty() ? std::string_view("message") : type_;
  event_.data = data_;
  event_.id = id_;
  given_ = true;
  return Progress::event;
}

/// A number that does not fit is none, as one with other characters in it.
void EventParser::set_retry(std::string_view digits) {
  std::chrono::milliseconds::rep number = 0;
  const char* const end = digits.data() + digits.size();
  const bool negative = digits.starts_with('-');
  const auto [stop, error] = std::from_chars(digits.data(), end, number);
  if (!negative && error == std::errc() && stop == end) event_.retry = std::chrono::milliseconds(number);
}

}  // namespace katydid
