#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

struct Url;

/// A cookie in a jar; its texts are valid until the jar changes.
struct CookieView {
  std::string_view name, value;
  std::string_view domain;  ///< in small letters, without a leading dot; an IPv6 address keeps its brackets
  std::string_view path;
  bool host_only = true;  ///< goes to `domain` itself, not to the hosts below it
  bool secure = false;
  bool http_only = false;
  std::optional<std::chrono::sys_seconds> expires{};  ///< without, it stays as long as the jar
};

/// The cookies of one user, as a browser keeps them: RFC 6265, with the rules for Secure, the __Secure- and __Host-
/// prefixes and the sizes of its successor's draft (6265bis). docs/fast-client.md says where libcurl does otherwise.
///
/// A jar without cookies is one pointer. The number of cookies is bounded, by domain and in all; beyond that the one
/// that was not used for the longest time goes, expired ones first.
class CookieJar {
 public:
  using Time = std::chrono::system_clock::time_point;

  static constexpr std::size_t most_cookies = 3000, most_cookies_of_a_domain = 180;

  CookieJar();
  ~CookieJar();
  CookieJar(CookieJar&&) noexcept;
  CookieJar& operator=(CookieJar&&) noexcept;

  bool empty() const { return !contents_; }
  std::size_t size() const;
  void clear();

  /// Takes the value of one Set-Cookie header of an answer from that URL. False when the cookie is refused or ignored;
  /// one that expires at once deletes what it would replace.
  bool store(std::string_view set_cookie, const Url& from, Time now);

  /// Appends "a=1; b=2": the cookies for a request to that URL, those with longer paths first, then the older ones.
  /// False, and nothing appended, when there are none.
  bool append_header(std::string& out, const Url& to, Time now);

  /// The value of the cookie of that name, of the one that would be sent first if there are several; "" without.
  std::string_view get(std::string_view name) const;
  /// As if the host of that URL had set it for all its paths. Throws std::invalid_argument when the name or the value
  /// can't be in a Cookie header.
  void set(std::string_view name, std::string_view value, const Url& url, Time now);
  /// Every cookie of that name; how many there were.
  std::size_t erase(std::string_view name);
  /// In the order in which they would be sent; with those that have expired since the last request.
  std::vector<CookieView> list() const;

 private:
  struct Contents;

  std::unique_ptr<Contents> contents_;  // none without cookies
};

}  // namespace katydid
