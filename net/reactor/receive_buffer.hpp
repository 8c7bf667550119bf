#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace katydid {

/// What a thread reads large answers into: one for all of its streams. Large enough that the last piece of a body
/// usually leaves room, which spares asking once more.
inline std::span<char> receive_buffer() {
  constexpr std::size_t size = 128 * 1024;
  thread_local const std::unique_ptr<char[]> buffer(new char[size]);
  return {buffer.get(), size};
}

/// Of a large body: what is worth being woken for, where it is received and where it is thrown away.
inline constexpr std::uint32_t large_piece = 128 * 1024, discarded_piece = 512 * 1024;

/// What recv() says of throwing away what has come of so many bytes.
inline ssize_t discard_some(int socket, std::uint64_t bytes) {
#if defined(__linux__)
  constexpr std::uint64_t most = 1 << 30;
  return ::recv(socket, nullptr, static_cast<std::size_t>(std::min(bytes, most)), MSG_TRUNC | MSG_DONTWAIT);
#else
  const auto buffer = receive_buffer();
  return ::recv(socket, buffer.data(), static_cast<std::size_t>(std::min<std::uint64_t>(bytes, buffer.size())),
                MSG_DONTWAIT);
#endif
}

/// Of a receive or a send: nothing is wrong, it is to be tried later.
inline bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace katydid
