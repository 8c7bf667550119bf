#pragma once

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

}  // namespace katydid
