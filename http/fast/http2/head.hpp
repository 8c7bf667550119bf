#pragma once

#include <nghttp2/nghttp2.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

/// The head of a request as HTTP/2 has it (RFC 9113, 8.3.1). Views only.
struct Http2Head {
  std::string_view method, scheme, authority, path;
  std::string_view lines{};  ///< "Name: value" and CRLF, one after another
  std::string_view authorization{}, cookies{}, traceparent{};
  std::optional<std::uint64_t> content_length{};
};

/// As HTTP/1.1 would put it, to be read by people.
std::string text_of(const Http2Head& head);

/// Makes fields of heads, in memory that serves one head after another.
class Http2Fields {
 public:
  /// Valid until the next call. Names are in lower case, and fields that belong to a connection of HTTP/1.1 are left
  /// out (8.2.2).
  const std::vector<nghttp2_nv>& make(const Http2Head& head);

 private:
  struct Lowered {
    std::string lines, names;
    std::vector<nghttp2_nv> fields;
  };

  void add(std::string_view name, std::string_view value);
  const std::vector<nghttp2_nv>& lowered(std::string_view lines);

  std::vector<nghttp2_nv> fields_;
  std::array<Lowered, 4> known_;
  std::size_t next_ = 0;
  std::string length_;
};

}  // namespace katydid
