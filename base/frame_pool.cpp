#include "base/frame_pool.hpp"

#include "base/pooling.hpp"

#include <array>
#include <new>
#include <utility>

namespace katydid {
namespace {

constexpr std::size_t step = 64;
constexpr std::size_t largest = 4096;

struct Free {
  Free* next;
};

struct Lists {
  std::array<Free*, largest / step> heads{};
  ~Lists() {
    for (Free*& head : heads) {  // left empty: static objects may end after it
      while (head) ::operator delete(std::exchange(head, head->next));
    }
  }
};

thread_local Lists lists;

std::size_t size_class(std::size_t size) { return (size + step - 1) / step; }

}  // namespace

void* FramePool::allocate(std::size_t size) {
  if (!pools_memory || size > largest) return ::operator new(size);
  Free*& head = lists.heads[size_class(size) - 1];
  if (!head) return ::operator new(size_class(size) * step);
  Free* frame = head;
  head = frame->next;
  return frame;
}

void FramePool::release(void* frame, std::size_t size) noexcept {
  if (!pools_memory || size > largest) {
    ::operator delete(frame);
    return;
  }
  Free*& head = lists.heads[size_class(size) - 1];
  head = new (frame) Free{head};
}

}  // namespace katydid
