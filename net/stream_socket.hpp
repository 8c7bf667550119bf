#pragma once

#include "net/socket_address.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace katydid {

/// A socket for connect(), non-blocking, without Nagle's delay; -1 with errno set when there is none to be had. It is
/// bound to `source`, if there is one.
int open_stream_socket(const SocketAddress& address, const SocketAddress* source);

/// The same for UDP; it is not connected.
int open_datagram_socket(const SocketAddress& address, const SocketAddress* source);

/// For a socket that is to be bound to an address: connect() chooses the port, so that each destination has all ports.
void leave_port_to_connect(int descriptor);

/// When the last bytes came from the peer, received by now or not, to the millisecond. Nothing where the system doesn't
/// say it.
std::optional<std::chrono::steady_clock::time_point> last_arrival(int descriptor);

/// Stream::peek() of a socket.
int peek(int descriptor);

/// Empties a buffer that was sent; one that a large body had made large is given up.
void clear_sent(std::string& buffer);

}  // namespace katydid
