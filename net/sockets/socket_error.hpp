#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace katydid {

/// What went wrong with a TcpClient or UdpClient, in the words of HttpClient's errors, and where:
/// "ConnectionRefusedError: [Errno 111] Connection refused (host:port)".
struct SocketError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// "ConnectionRefusedError: [Errno 111] Connection refused (place)", as Python shows an errno.
std::string system_error_text(int error, std::string_view place);

/// `text (place)`.
std::string with_place(std::string text, std::string_view place);

}  // namespace katydid
