#pragma once

#include "http/url.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace katydid {

/// A base URL, with what the URLs of its requests have in common worked out once.
class BaseUrl {
 public:
  explicit BaseUrl(std::string text);

  struct Made {
    Url parts{};
    bool checked = false;  ///< it is an absolute URL that leads_somewhere(), and host_error() has nothing to say
  };
  /// What assign_url() makes of it and `path`, and split_url() of that; the parts view `out`.
  Made assign(std::string& out, std::string_view path) const;
  const std::string& text() const { return text_; }

 private:
  struct Place {
    std::size_t begin = 0, size = 0;
    std::string_view in(std::string_view url) const { return url.substr(begin, size); }
  };
  Place place_of(std::string_view part) const;

  std::string text_, prefix_;  // what a path with a "/" in front is added to
  Place user_info_, host_, port_;
  std::size_t target_ = 0;  // where it begins
  bool secure_ = false, checked_ = false;
};

}  // namespace katydid
