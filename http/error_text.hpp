#pragma once

#include "net/sockets/socket_error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace katydid {

/// The words of errors that both clients use: like Python's where there is one that says the same, and with nothing in
/// them that differs from one occurrence to the next, so that equal failures count as one. @{

/// Where a request went: "host:port", or the Unix socket.
struct Destination {
  std::string_view url;
  std::string_view unix_socket{};
};
std::string endpoint(const Destination& destination);

std::string body_too_large(std::uint64_t limit);
std::string too_many_redirects(int limit);
/// Of a request's body that could not be made, and why; and why, where its source ended too early. @{
std::string body_error(std::string_view why);
std::string ended_early(std::uint64_t bytes, std::uint64_t of);
/// @}
/// Of an answer.
std::string unknown_encoding(std::string_view encoding);
/// That RequestOptions::checksum asked for.
std::string no_checksum(std::string_view name);
/// Of the request with that name.
std::string invalid_method(std::string_view name);
/// A path without a base URL, or another scheme.
std::string no_url(std::string_view url);
/// Where a redirect led.
std::string not_http(std::string_view url);
/// A name or value that breaks a header; `part` says which.
std::string invalid_header(std::string_view part, std::string_view name);

inline constexpr char head_with_body[] = "InvalidRequest: a HEAD request cannot have a body";
inline constexpr char not_after_challenge[] =
    "BodyError: the server asks for a digest and for the body again, which can't be read a second time";
inline constexpr char not_again[] = "BodyError: a redirect asks for the body again, which can't be read a second time";
inline constexpr char broken_cookie[] = "InvalidHeader: a cookie holds a line break";
inline constexpr char headers_too_large[] = "HeadersTooLarge: the headers of the answer are too large";
inline constexpr char incomplete_body[] = "IncompleteRead: the server closed the connection before the end of the body";
inline constexpr char incomplete_head[] =
    "IncompleteRead: the server closed the connection before the end of the headers";
inline constexpr char proxy_closed[] = "ProxyError: the proxy closed the connection before it opened a tunnel";
inline constexpr char no_room[] = "MemoryError: no room for the answer";
inline constexpr char no_answer[] = "RemoteDisconnected: the server closed the connection without an answer";
inline constexpr char not_http2[] = "HTTP2Error: the server does not speak HTTP/2, and http_version asks for it";
/// @}

}  // namespace katydid
