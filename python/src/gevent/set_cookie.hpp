#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace katydid::python {

/// A Set-Cookie header in the form that servers write, read as http.cookiejar reads it. Views of the header.
struct SetCookie {
  using Attribute = std::pair<std::string_view, std::optional<std::string_view>>;

  /// Nothing for a header that only http.cookiejar can judge: all that is no printable ASCII, versions and ports,
  /// attributes without the value that they need or with one too many, dates of other forms than those of RFC 1123 and
  /// Netscape. `now` is in seconds since the epoch.
  static std::optional<SetCookie> of(std::string_view header, std::int64_t now);

  std::string_view name;  // empty: the header sets no cookie
  std::optional<std::string_view> value;
  std::optional<std::string> domain;    // in small letters
  std::string_view path;                // empty: that of the request
  std::optional<std::int64_t> expires;  // in seconds since the epoch
  bool secure = false;
  std::vector<Attribute> rest;  // those that http.cookiejar gives no meaning
};

/// The path of a URL, or of a cookie, that http.cookiejar keeps as it is.
bool is_plain_cookie_path(std::string_view path);

}  // namespace katydid::python
