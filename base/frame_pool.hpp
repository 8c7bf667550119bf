#pragma once

#include <cstddef>

namespace katydid {

/// Recycles coroutine frames, and libcurl's memory, in one free list per size class and thread: a user's task allocates
/// nothing after its first run. A block may be released on another thread than the one that allocated it.
class FramePool {
 public:
  static void* allocate(std::size_t size);
  static void release(void* frame, std::size_t size) noexcept;
};

}  // namespace katydid
