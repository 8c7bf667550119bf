#include "base/frame_pool.hpp"

#include "base/pooling.hpp"

#include <array>
#include <new>
#include <utility>

namespace katydid {
namespace {

// Blocks of 16 n + 8 bytes, which is what malloc has between two of its headers: a user that waits holds its frames, so
// what they are rounded up by counts for each user.
constexpr std::size_t step = 16;
constexpr std::size_t largest = 4096 + 8;

struct Free {
  Free* next;
};

struct Lists {
  std::array<Free*, largest / step + 1> heads{};
  ~Lists() {
    for (Free*& head : heads) {  // left empty: static objects may end after it
      while (head) ::operator delete(std::exchange(head, head->next));
    }
  }
};

thread_local Lists lists;

std::size_t size_class(std::size_t size) { return (size + step - 1 - sizeof(Free)) / step; }
std::size_t size_of_class(std::size_t size_class) { return size_class * step + sizeof(Free); }

}  // namespace

void* FramePool::allocate(std::size_t size) {
  if (!pools_memory || size > largest) return ::operator new(size);
  Free*& head = lists.heads[size_class(size)];
  if (!head) return ::operator new(size_of_class(size_class(size)));
  Free* frame = head;
  head = frame->next;
  return frame;
}

void FramePool::release(void* frame, std::size_t size) noexcept {
  if (!pools_memory || size > largest) {
    ::operator delete(frame);
    return;
  }
  Free*& head = lists.heads[size_class(size)];
  head = new (frame) Free{head};
}

}  // namespace katydid
