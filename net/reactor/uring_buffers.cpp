#include "net/reactor/uring_buffers.hpp"

#if defined(KATYDID_HAS_IO_URING)

#include <sys/mman.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace katydid {
namespace {

constexpr std::size_t list_bytes = UringBuffers::most * sizeof(io_uring_buf);
constexpr std::size_t block_bytes = std::size_t{UringBuffers::per_block} * UringBuffers::size;

void* map(std::size_t bytes) {
  return ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
}

[[noreturn]] void fail(int error, const char* what) { throw std::system_error(error, std::generic_category(), what); }

}  // namespace

UringBuffers::UringBuffers(io_uring& ring, int group) {
  void* const list = map(list_bytes);
  if (list == MAP_FAILED) fail(errno, "cannot map the list of receive buffers");
  list_ = static_cast<io_uring_buf_ring*>(list);
  io_uring_buf_reg registration{};
  registration.ring_addr = reinterpret_cast<std::uint64_t>(list);
  registration.ring_entries = most;
  registration.bgid = static_cast<std::uint16_t>(group);
  if (const int error = io_uring_register_buf_ring(&ring, &registration, 0); error < 0) {
    ::munmap(list, list_bytes);
    fail(-error, "cannot register receive buffers");
  }
  io_uring_buf_ring_init(list_);
  if (!grow()) {
    const int error = errno;
    ::munmap(list, list_bytes);
    fail(error, "cannot map receive buffers");
  }
  publish();
}

UringBuffers::~UringBuffers() {
  for (char* block : blocks_) ::munmap(block, block_bytes);
  ::munmap(list_, list_bytes);
}

bool UringBuffers::grow() {
  ran_out_ = false;
  if (blocks_.size() == most / per_block) return false;
  void* const block = map(block_bytes);
  if (block == MAP_FAILED) return false;  // those that there are will come back
  const auto first = static_cast<unsigned>(blocks_.size()) * per_block;
  blocks_.push_back(static_cast<char*>(block));
  for (unsigned id = first; id < first + per_block; ++id) give_back(id);
  return true;
}

}  // namespace katydid

#endif
