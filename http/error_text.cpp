#include "http/error_text.hpp"

#include "http/url.hpp"

#include <algorithm>

namespace katydid {

std::string endpoint(const Destination& destination) {
  if (!destination.unix_socket.empty()) return "unix:" + std::string(destination.unix_socket);
  const Url url = split_url(destination.url);
  return std::string(url.host) + ":" + std::to_string(url.port_number());
}

std::string body_too_large(std::uint64_t limit) {
  return "BodyTooLarge: the answer has more than " + std::to_string(limit) + " bytes (max_body)";
}

std::string body_error(std::string_view why) { return std::string("BodyError: ").append(why); }

std::string ended_early(std::uint64_t bytes, std::uint64_t of) {
  return "the body ended after " + std::to_string(bytes) + " of " + std::to_string(of) + " bytes";
}

std::string too_many_redirects(int limit) {
  return "TooManyRedirects: Exceeded " + std::to_string(limit) + " redirects.";
}

std::string unknown_encoding(std::string_view encoding) { return "UnknownEncoding: " + std::string(encoding); }

std::string no_checksum(std::string_view name) {
  return "InvalidRequest: there is no checksum \"" + std::string(name) +
         "\": there is crc32, and what OpenSSL has, like md5, sha1 and sha256";
}

std::string invalid_method(std::string_view name) {
  return "InvalidMethod: a method is made of letters, digits and !#$%&'*+-.^_`|~: " + std::string(name);
}

std::string no_url(std::string_view url) {
  const bool path = url.empty() || url.starts_with('/');
  return "InvalidURL: no URL: " + std::string(url) +
         (path ? " (a path needs a host: --host, the user class's, or the master's)"
               : " (it begins with http:// or https://, and so does a host)");
}

std::string not_http(std::string_view url) {
  return "InvalidSchema: redirected to what is neither http nor https: " +
         std::string(url.substr(0, url.find_first_of(":/?")));
}

std::string invalid_header(std::string_view part, std::string_view name) {
  std::string text = "InvalidHeader: the " + std::string(part);
  text.append(" of a header holds what may not be sent: ").append(name);
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < 0x20; }, '?');
  return text;
}

}  // namespace katydid
