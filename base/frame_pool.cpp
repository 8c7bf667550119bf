#include "base/frame_pool.hpp"

#include <array>
#include <new>

// Under a sanitizer every frame is a real allocation, so that a use after free is seen.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define KATYDID_POOLED_FRAMES 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define KATYDID_POOLED_FRAMES 0
#endif
#endif
#ifndef KATYDID_POOLED_FRAMES
#define KATYDID_POOLED_FRAMES 1
#endif

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
    for (Free* head : heads) {
      while (head) {
        Free* next = head->next;
        ::operator delete(head);
        head = next;
      }
    }
  }
};

thread_local Lists lists;

std::size_t size_class(std::size_t size) { return (size + step - 1) / step; }

}  // namespace

void* FramePool::allocate(std::size_t size) {
  if (!KATYDID_POOLED_FRAMES || size > largest) return ::operator new(size);
  Free*& head = lists.heads[size_class(size) - 1];
  if (!head) return ::operator new(size_class(size) * step);
  Free* frame = head;
  head = frame->next;
  return frame;
}

void FramePool::release(void* frame, std::size_t size) noexcept {
  if (!KATYDID_POOLED_FRAMES || size > largest) {
    ::operator delete(frame);
    return;
  }
  Free*& head = lists.heads[size_class(size) - 1];
  head = new (frame) Free{head};
}

}  // namespace katydid
