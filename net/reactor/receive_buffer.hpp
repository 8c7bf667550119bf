#pragma once

#include <cerrno>
#include <cstddef>
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

/// Of a receive or a send: nothing is wrong, it is to be tried later.
inline bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace katydid
