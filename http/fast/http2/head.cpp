#include "http/fast/http2/head.hpp"

#include "http/ascii.hpp"
#include "http/header_text.hpp"
#include "http/span.hpp"

#include <algorithm>
#include <array>

namespace katydid {
namespace {

bool is_of_connection(std::string_view name, std::string_view value) {
  constexpr std::array<std::string_view, 7> names{"connection",       "host",    "http2-settings",   "keep-alive",
                                                  "proxy-connection", "upgrade", "transfer-encoding"};
  return std::ranges::find(names, name) != names.end() || (name == "te" && value != "trailers");
}

nghttp2_nv field(std::string_view name, std::string_view value) {
  // nghttp2's C takes pointers to what it does not write to.
  const auto bytes = [](std::string_view text) {
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
  };
  return {.name = bytes(name),
          .value = bytes(value),
          .namelen = name.size(),
          .valuelen = value.size(),
          .flags = NGHTTP2_NV_FLAG_NONE};
}

}  // namespace

const std::vector<nghttp2_nv>& Http2Fields::make(const Http2Head& head) {
  fields_.clear();
  add(":method", head.method);
  add(":scheme", head.scheme);
  add(":authority", head.authority);
  add(":path", head.path);
  const auto& of_lines = lowered(head.lines);
  fields_.insert(fields_.end(), of_lines.begin(), of_lines.end());
  if (!head.authorization.empty()) add("authorization", head.authorization);
  if (!head.cookies.empty()) add("cookie", head.cookies);
  if (!head.traceparent.empty()) add(traceparent_header, head.traceparent);
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
  if (!head.traceparent.empty()) text.append(traceparent_header).append(": ").append(head.traceparent).append("\r\n");
  if (head.content_length) text.append("Content-Length: ").append(std::to_string(*head.content_length)).append("\r\n");
  return text.append("\r\n");
}

void Http2Fields::add(std::string_view name, std::string_view value) { fields_.push_back(field(name, value)); }

/// Users send the same lines again and again.
const std::vector<nghttp2_nv>& Http2Fields::lowered(std::string_view lines) {
  for (const Lowered& known : known_) {
    if (known.lines == lines) return known.fields;
  }
  Lowered& made = known_[next_++ % known_.size()];
  made.lines = lines;
  made.names.clear();
  made.names.reserve(lines.size());  // it must not move
  made.fields.clear();
  for (std::string_view rest = made.lines; !rest.empty();) {
    const auto line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(line.size() + 2);
    const auto colon = line.find(':');
    const auto start = made.names.size();
    for (const char c : line.substr(0, colon)) made.names += ascii_lower(c);
    const auto name = std::string_view(made.names).substr(start);
    const auto value = trimmed(line.substr(colon + 1));
    if (!is_of_connection(name, value)) made.fields.push_back(field(name, value));
  }
  return made.fields;
}

}  // namespace katydid
