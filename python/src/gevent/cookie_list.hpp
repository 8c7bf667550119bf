#pragma once

#include "python/src/cpython/plain_type.hpp"
#include "python/src/gevent/target.hpp"

#include <limits>
#include <string>
#include <vector>

namespace katydid::python {

/// `CookieList`: what http.cookiejar's CookieJar holds, for requests to find theirs without it: by the rules of its
/// DefaultCookiePolicy as it is made, for cookies of Netscape's kind without ports. Made anew when the jar changes.
class CookieList {
 public:
  struct Cookie {
    std::string domain;  // with a dot in front; empty: any
    std::string path;
    std::string text;  // "name=value"
    bool secure = false;
    double expires = std::numeric_limits<double>::infinity();  // seconds since the epoch
  };

  /// In the jar's order.
  void add(Cookie cookie) { cookies_.push_back(std::move(cookie)); }
  /// The longest path first, as the header has them.
  void sort();
  /// The value of the Cookie header for a request there; empty when there is none.
  std::string header(const Target& target) const;

 private:
  std::vector<Cookie> cookies_;
};

/// Of a jar's cookies, by domain, path and name; None where http.cookiejar has to say which of them are sent.
nb::object cookie_list_of(nb::handle cookies);

void bind_cookie_list(nb::module_& m);

}  // namespace katydid::python
