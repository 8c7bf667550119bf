#pragma once

#if defined(KATYDID_HAS_IO_URING)

#include <liburing.h>

#include <cstddef>
#include <vector>

namespace katydid {

/// Where the kernel puts what a ring receives: taken by it from a list, given back by us. Small answers touch the
/// beginning of each buffer only. There are more of them where more answers come at once than there were buffers for.
class UringBuffers {
 public:
  static constexpr unsigned size = 8 * 1024;
  static constexpr unsigned per_block = 512;
  static constexpr unsigned most = 2048;  // a power of two

  /// Throws std::system_error.
  UringBuffers(io_uring& ring, int group);
  ~UringBuffers();
  UringBuffers(const UringBuffers&) = delete;
  UringBuffers& operator=(const UringBuffers&) = delete;

  char* at(unsigned id) const { return blocks_[id / per_block] + std::size_t{id % per_block} * size; }
  /// For the kernel to take again, from publish() on.
  void give_back(unsigned id) {
    io_uring_buf_ring_add(list_, at(id), size, static_cast<unsigned short>(id), static_cast<int>(most - 1), added_++);
  }
  /// The kernel found none: the next publish() brings a block of new ones, up to `most`.
  void ran_out() { ran_out_ = true; }
  void publish() {
    if (ran_out_) grow();
    if (added_ > 0) io_uring_buf_ring_advance(list_, added_);
    added_ = 0;
  }

 private:
  bool grow();

  io_uring_buf_ring* list_;
  std::vector<char*> blocks_;
  int added_ = 0;
  bool ran_out_ = false;
};

}  // namespace katydid

#endif
