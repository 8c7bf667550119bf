#pragma once

#include "net/reactor/reactor.hpp"

#if defined(KATYDID_HAS_IO_URING)

#include "net/reactor/epoll.hpp"

#include <liburing.h>

#include <cstdint>
#include <memory>
#include <string_view>
#include <thread>

namespace katydid {

class UringBuffers;
class UringStream;

/// An io_uring used directly: all that a turn of the loop has to send is handed over by the system call that waits, and
/// what arrives is in buffers that the kernel took from a common pool, so that a connection without traffic has none.
///
/// Descriptors under watch (libcurl's, a user's own) hang on an epoll of its own, which the ring polls. A loop without
/// streams waits for that epoll alone, so that users of HttpUser pay nothing for the ring.
class UringReactor final : public Reactor {
 public:
  /// Throws std::system_error where the kernel has no io_uring, forbids it (Docker's default seccomp profile), or has
  /// one before Linux 6.1.
  explicit UringReactor(Waiting waiting);
  ~UringReactor() override;

  EventLoop kind() const override { return EventLoop::io_uring; }
  int descriptor() const override;
  void watch(Watch& watch, Interest interest) override { epoll_.watch(watch, interest); }
  void change(Watch& watch, Interest interest) override { epoll_.change(watch, interest); }
  void unwatch(Watch& watch) override { epoll_.unwatch(watch); }
  bool wait(clock::time_point deadline, void (*woken)(void*), void* argument) override;
  StreamPointer connect(StreamOwner& owner, const SocketAddress& address, const SocketAddress* source) override;
  void submit() override;
  void settle() override;

  /// For its streams. @{
  io_uring_sqe& next_entry();
  /// Whether all entries are with the kernel now.
  bool submit_all();
  /// Numbers are given out from the lowest that is free, so this one tells how many are in use.
  void opened(int descriptor) { scarce_ = descriptor >= plenty_; }
  bool descriptors_are_scarce() const { return scarce_; }
  static constexpr int buffer_group = 0;
  std::string_view received(std::uint32_t flags, int size) const;
  void give_back(std::uint32_t flags);
  void ran_out_of_buffers();
  void stream_opened() { ++streams_; }
  void stream_released() { ++released_; }
  void stream_closed() {
    --streams_;
    --released_;
  }
  /// @}

 private:
  void begin();
  void submit_entries();
  int enter(clock::time_point deadline);
  void poll_epoll();
  bool complete_all();
  void dispatch(std::uint64_t user_data, int result, std::uint32_t flags);

  EpollReactor epoll_;
  io_uring ring_{};
  std::unique_ptr<UringBuffers> buffers_;
  int streams_ = 0;   // those that are being closed included
  int released_ = 0;  // of these, those that are being closed
  bool begun_ = false;
  std::thread::id thread_;  // the ring serves the thread that began to use it
  bool epoll_polled_ = false, epoll_ready_ = false;
  const int plenty_;  // descriptors: half of what this process may have
  bool scarce_ = false;
  const bool hosted_;
};

}  // namespace katydid

#endif
