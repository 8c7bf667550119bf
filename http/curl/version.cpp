#include "http/curl/version.hpp"

#include "http/error_text.hpp"
#include "http/url.hpp"

#include <curl/curl.h>

namespace katydid {
namespace {

constexpr char no_http2[] =
    "HTTP2Error: the libcurl that this katydid runs with was built without HTTP/2; FastHttpUser has it in any case";
constexpr char http3_is_secure[] = "HTTP3Error: http_version asks for HTTP/3, which is for https:// alone";
constexpr char http3_without_proxy[] =
    "HTTP3Error: http_version asks for HTTP/3, which libcurl sends neither through a proxy nor over a Unix socket";
constexpr char not_http3[] = "HTTP3Error: the server answered by another version, and http_version asks for HTTP/3";

constexpr long only_http3 = 31;  // CURL_HTTP_VERSION_3ONLY, which headers have since 7.88
/// Before that, libcurl never returns once a server has ended a connection by HTTP/3.
constexpr unsigned oldest_for_http3 = 0x080100;

bool was_built_with(int feature) { return (curl_version_info(CURLVERSION_NOW)->features & feature) != 0; }

std::string no_http3() {
  const bool is_old = was_built_with(CURL_VERSION_HTTP3);
  return "HTTP3Error: the libcurl that this katydid runs with (" +
         std::string(curl_version_info(CURLVERSION_NOW)->version) + ") " +
         (is_old ? "has an HTTP/3 that hangs when a server ends the connection" : "was built without HTTP/3") +
         "; run it with libcurl 8.1 or later that has HTTP/3 (docs/http3.md), or ask for another http_version";
}

}  // namespace

bool curl_has(HttpVersion version) {
  if (version == HttpVersion::http1) return true;
  if (version != HttpVersion::http3) return was_built_with(CURL_VERSION_HTTP2);
  return was_built_with(CURL_VERSION_HTTP3) && curl_version_info(CURLVERSION_NOW)->version_num >= oldest_for_http3;
}

long curl_http_version(HttpVersion wanted) {
  switch (wanted) {
    case HttpVersion::http1:
      break;
    case HttpVersion::http2:
      return CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
    case HttpVersion::http3:
      return only_http3;
    case HttpVersion::automatic:
      if (curl_has(wanted)) return CURL_HTTP_VERSION_2TLS;
  }
  return CURL_HTTP_VERSION_1_1;
}

std::string version_error(const CurlRoute& route) {
  if (route.version == HttpVersion::http2 && !curl_has(route.version)) return no_http2;
  if (route.version != HttpVersion::http3) return {};
  if (!curl_has(route.version)) return no_http3();
  if (!split_url(route.url).secure) return with_place(http3_is_secure, endpoint({.url = route.url}));
  if (!route.unix_socket.empty() || !route.proxy.empty()) return http3_without_proxy;
  return {};
}

std::string_view other_version(HttpVersion asked, std::string_view status_line) {
  if (asked == HttpVersion::http2 && status_line.starts_with("HTTP/1")) return not_http2;
  if (asked == HttpVersion::http3 && !status_line.starts_with("HTTP/3 ")) return not_http3;
  return {};
}

}  // namespace katydid
