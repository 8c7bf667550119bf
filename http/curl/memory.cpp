#include "http/curl/memory.hpp"

#include "base/frame_pool.hpp"
#include "base/pooling.hpp"

#include <curl/curl.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string>

namespace katydid {
namespace {

/// Before each block, as libcurl does not say how large what it frees is.
struct alignas(std::max_align_t) Header {
  std::size_t size;  ///< of the block
};

void* allocate(std::size_t size) {
  if (size > SIZE_MAX - sizeof(Header)) return nullptr;
  try {
    return new (FramePool::allocate(sizeof(Header) + size)) Header{size} + 1;
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

Header& header_of(void* block) { return *(static_cast<Header*>(block) - 1); }

void release(void* block) {
  if (block) FramePool::release(&header_of(block), sizeof(Header) + header_of(block).size);
}

void* reallocate(void* block, std::size_t size) {
  if (!block) return allocate(size);
  if (size <= header_of(block).size) return block;
  void* const larger = allocate(size);
  if (!larger) return nullptr;
  std::memcpy(larger, block, header_of(block).size);
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
