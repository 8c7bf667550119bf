#include "net/stream_socket.hpp"

#include "net/stream.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

namespace katydid {
namespace {

constexpr std::size_t largest_kept_buffer = 16 * 1024;

int open_socket(int family, int type) {
#if defined(SOCK_NONBLOCK) && defined(SOCK_CLOEXEC)
  return ::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
#else
  const int descriptor = ::socket(family, type, 0);
  if (descriptor < 0) return descriptor;
  ::fcntl(descriptor, F_SETFL, O_NONBLOCK);
  ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
#if defined(SO_NOSIGPIPE)
  const int on = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
  return descriptor;
#endif
}

}  // namespace

void leave_port_to_connect([[maybe_unused]] int descriptor) {
#if defined(IP_BIND_ADDRESS_NO_PORT)
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
#endif
}

namespace {

/// -1 and closed when that fails.
int bound(int descriptor, const SocketAddress* source) {
  if (!source) return descriptor;
  leave_port_to_connect(descriptor);
  if (::bind(descriptor, source->data(), source->size()) == 0) return descriptor;
  const int error = errno;
  ::close(descriptor);
  errno = error;
  return -1;
}

}  // namespace

int open_stream_socket(const SocketAddress& address, const SocketAddress* source) {
  const int descriptor = open_socket(address.family(), SOCK_STREAM);
  if (descriptor < 0) return descriptor;
  if (address.family() != AF_UNIX) {
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  return bound(descriptor, source);
}

int open_datagram_socket(const SocketAddress& address, const SocketAddress* source) {
  const int descriptor = open_socket(address.family(), SOCK_DGRAM);
  return descriptor < 0 ? descriptor : bound(descriptor, source);
}

std::optional<std::chrono::steady_clock::time_point> last_arrival([[maybe_unused]] int descriptor) {
#if defined(__linux__)
  tcp_info info{};
  socklen_t size = sizeof info;
  // Emulated kernels give the beginning of it alone: nothing came then, and not "just now".
  constexpr socklen_t needed = offsetof(tcp_info, tcpi_last_data_recv) + sizeof info.tcpi_last_data_recv;
  if (::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 && size >= needed) {
    return std::chrono::steady_clock::now() - std::chrono::milliseconds(info.tcpi_last_data_recv);
  }
#endif
  return {};
}

int peek(int descriptor) {
  unsigned char byte = 0;
  const auto received = ::recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (received > 0) return byte;
  return received < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) ? Stream::nothing : Stream::end;
}

void clear_sent(std::string& buffer) {
  if (buffer.capacity() > largest_kept_buffer) {
    std::string().swap(buffer);
  } else {
    buffer.clear();
  }
}

}  // namespace katydid
