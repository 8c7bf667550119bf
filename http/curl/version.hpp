#pragma once

#include "http/client_options.hpp"

#include <string>
#include <string_view>

namespace katydid {

/// Whether libcurl has it; a question for when the program runs, as its libcurl may be another one by then.
bool curl_has(HttpVersion version);
/// For CURLOPT_HTTP_VERSION. HTTP/3 is then never left for another version, or nobody would know what was measured.
long curl_http_version(HttpVersion wanted);

/// How a request goes out.
struct CurlRoute {
  HttpVersion version;
  std::string_view url;
  std::string_view unix_socket;
  std::string_view proxy;
};

/// Why libcurl can't send a request by that version, or "".
std::string version_error(const CurlRoute& route);
/// Of a status line: why that is not the version that was asked for, or "".
std::string_view other_version(HttpVersion asked, std::string_view status_line);

}  // namespace katydid
