#include "worker/data/json_lines.hpp"

namespace katydid {

RowText json_line(std::string_view text, bool is_all) {
  const std::size_t end = text.find('\n');
  if (end == text.npos && !is_all) return {};
  const std::size_t length = end == text.npos ? text.size() : end + 1;
  const bool blank = text.substr(0, length).find_first_not_of(" \t\r\n") == text.npos;
  return {.kind = blank ? RowText::Kind::blank : RowText::Kind::row, .length = length};
}

}  // namespace katydid
