#include "http/curl_memory.hpp"

#include "base/pooling.hpp"

#include <curl/curl.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

namespace katydid {
namespace {

constexpr std::size_t step = 64;
constexpr std::size_t small = 1024;      // up to here a class for each step, from here on one for each power of two
constexpr std::size_t largest = 32'768;  // what is larger is malloc's
constexpr std::size_t small_classes = small / step;
constexpr std::size_t classes = small_classes + std::bit_width(largest / small) - 1;

/// Before each block. While it is in a list, the next one there.
struct alignas(std::max_align_t) Header {
  union {
    std::size_t size;  ///< what it has room for
    Header* next;
  };
};

std::size_t class_of(std::size_t size) {
  if (size <= small) return size == 0 ? 0 : (size - 1) / step;
  return small_classes + std::bit_width((size - 1) / small) - 1;
}

std::size_t room_of(std::size_t index) {
  return index < small_classes ? (index + 1) * step : small << (index - small_classes + 1);
}

struct Lists {
  std::array<Header*, classes> heads{};
  ~Lists() {
    for (Header*& head : heads) {
      while (head) std::free(std::exchange(head, head->next));
    }
  }
};

thread_local Lists lists;

void* allocate(std::size_t size) {
  const bool pooled = size <= largest;
  const std::size_t index = pooled ? class_of(size) : 0, room = pooled ? room_of(index) : size;
  Header* header = pooled ? lists.heads[index] : nullptr;
  if (header) {
    lists.heads[index] = header->next;
  } else {
    if (room > SIZE_MAX - sizeof(Header)) return nullptr;
    header = static_cast<Header*>(std::malloc(sizeof(Header) + room));
    if (!header) return nullptr;
  }
  new (header) Header{.size = room};
  return header + 1;
}

void release(void* block) {
  if (!block) return;
  Header* const header = static_cast<Header*>(block) - 1;
  if (header->size > largest) return std::free(header);
  Header*& head = lists.heads[class_of(header->size)];
  header->next = std::exchange(head, header);
}

void* reallocate(void* block, std::size_t size) {
  if (!block) return allocate(size);
  const std::size_t room = (static_cast<Header*>(block) - 1)->size;
  if (size <= room) return block;
  void* const larger = allocate(size);
  if (!larger) return nullptr;
  std::memcpy(larger, block, room);
  release(block);
  return larger;
}

char* duplicate(const char* text) {
  const std::size_t size = std::strlen(text) + 1;
  void* const copy = allocate(size);
  return copy ? static_cast<char*>(std::memcpy(copy, text, size)) : nullptr;
}

void* allocate_zeroed(std::size_t count, std::size_t size) {
  if (size != 0 && count > SIZE_MAX / size) return nullptr;
  void* const block = allocate(count * size);
  return block ? std::memset(block, 0, count * size) : nullptr;
}

}  // namespace

void init_curl() {
  const CURLcode code = pools_memory ? curl_global_init_mem(CURL_GLOBAL_DEFAULT, allocate, release, reallocate,
                                                            duplicate, allocate_zeroed)
                                     : curl_global_init(CURL_GLOBAL_DEFAULT);
  if (code != CURLE_OK) throw std::runtime_error(std::string("cannot initialise libcurl: ") + curl_easy_strerror(code));
}

}  // namespace katydid
