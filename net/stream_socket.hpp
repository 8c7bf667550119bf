#pragma once

#include "net/socket_address.hpp"

#include <string>

namespace katydid {

/// A socket for connect(), non-blocking, without Nagle's delay; -1 with errno set when there is none to be had.
int open_stream_socket(const SocketAddress& address);

/// Empties a buffer that was sent; one that a large body had made large is given up.
void clear_sent(std::string& buffer);

}  // namespace katydid
