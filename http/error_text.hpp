#pragma once

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

/// "ConnectionRefusedError: [Errno 111] Connection refused (host:port)", as Python shows an errno.
std::string system_error_text(int error, std::string_view place);

/// `text (place)`.
std::string with_place(std::string text, std::string_view place);

inline constexpr char headers_too_large[] = "HeadersTooLarge: the headers of the answer are too large";
/// @}

}  // namespace katydid
