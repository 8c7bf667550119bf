#include "http/fast/http2/head.hpp"

#include "http/ascii.hpp"
#include "http/header_text.hpp"

#include <algorithm>
#include <array>

namespace katydid {
namespace {

bool is_of_connection(std::string_view name, std::string_view value) {
  constexpr std::array<std::string_view, 7> names{"connection",       "host",    "http2-settings",   "keep-alive",
                                                  "proxy-connection", "upgrade", "transfer-encoding"};
  return std::ranges::find(names, name) != names.end() || (name == "te" && value != "trailers");
}

}  // namespace

const std::vector<nghttp2_nv>& Http2Fields::make(const Http2Head& head) {
  fields_.clear();
  lowered_.clear();
  lowered_.reserve(head.lines.size());  // it must not move
  add(":method", head.method);
  add(":scheme", head.scheme);
  add(":authority", head.authority);
  add(":path", head.path);
  add_lines(head.lines);
  if (!head.authorization.empty()) add("authorization", head.authorization);
  if (!head.cookies.empty()) add("cookie", head.cookies);
  if (head.content_length) {
    length_ = std::to_string(*head.content_length);
    add("content-length", length_);
  }
  return fields_;
}

std::string text_of(const Http2Head& head) {
  std::string text(head.method);
  text.append(" ")
      .append(head.path)
      .append(" HTTP/2\r\nHost: ")
      .append(head.authority)
      .append("\r\n")
      .append(head.lines);
  if (!head.authorization.empty()) text.append("Authorization: ").append(head.authorization).append("\r\n");
  if (!head.cookies.empty()) text.append("Cookie: ").append(head.cookies).append("\r\n");
  if (head.content_length) text.append("Content-Length: ").append(std::to_string(*head.content_length)).append("\r\n");
  return text.append("\r\n");
}

void Http2Fields::add(std::string_view name, std::string_view value) {
  // nghttp2's C takes pointers to what it does not write to.
  const auto bytes = [](std::string_view text) {
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
  };
  fields_.push_back({.name = bytes(name),
                     .value = bytes(value),
                     .namelen = name.size(),
                     .valuelen = value.size(),
                     .flags = NGHTTP2_NV_FLAG_NONE});
}

void Http2Fields::add_lines(std::string_view lines) {
  while (!lines.empty()) {
    const auto line = lines.substr(0, lines.find("\r\n"));
    lines.remove_prefix(line.size() + 2);
    const auto colon = line.find(':');
    const auto start = lowered_.size();
    for (const char c : line.substr(0, colon)) lowered_ += ascii_lower(c);
    const auto name = std::string_view(lowered_).substr(start);
    const auto value = trimmed(line.substr(colon + 1));
    if (!is_of_connection(name, value)) add(name, value);
  }
}

}  // namespace katydid
