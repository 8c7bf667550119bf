#pragma once

#include "http/client_options.hpp"
#include "http/error_text.hpp"

#include <curl/curl.h>

#include <string>
#include <string_view>

namespace katydid {

/// A transfer that failed, as libcurl left it.
struct CurlFailure {
  CURLcode code;
  int os_error = 0;          // errno
  std::string_view message;  // libcurl's own words; they may hold figures that vary
  bool answered = false;     // part of an answer came
  int tunnel_status = 0;     // a proxy's answer to CONNECT
  std::string_view url;
  std::string_view unix_socket;
  std::string_view proxy;
  std::string_view source_address;
  HttpVersion version;  // that was asked for
};

/// What to show in the failures table: like Python's errors where there is one that says the same, and with nothing in
/// it that differs from one occurrence to the next, so that equal failures count as one.
std::string curl_error(const CurlFailure& failure);

}  // namespace katydid
