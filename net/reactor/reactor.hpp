#pragma once

#include "net/stream.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace katydid {

/// `--event-loop`: automatic takes the best that this machine has.
enum class EventLoop { automatic, io_uring, epoll, asio };

/// Who waits: the loop in its run(), or another loop for its descriptor.
enum class Waiting { inside, outside };

struct Interest {
  bool read = false;
  bool write = false;
  bool operator==(const Interest&) const = default;
};

/// What a descriptor is ready for; `error` (a reset, a hang-up) makes it readable and writable too.
struct Ready {
  bool read = false;
  bool write = false;
  bool error = false;
};

/// A descriptor under watch. Its owner keeps it in place and unwatches it before the descriptor is closed.
struct Watch {
  using Call = void (*)(Watch&, Ready);
  Watch() = default;
  Watch(int fd, Call call) : descriptor(fd), ready(call) {}
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  int descriptor = -1;
  Call ready = nullptr;
  void* state = nullptr;  // the reactor's own
};

/// Waits for descriptors, level-triggered: a watch is called again while it is ready. A watch may unwatch itself or
/// another one from its call.
class Reactor {
 public:
  using clock = std::chrono::steady_clock;
  virtual ~Reactor() = default;

  virtual EventLoop kind() const = 0;
  virtual int descriptor() const = 0;
  virtual void watch(Watch& watch, Interest interest) = 0;
  virtual void change(Watch& watch, Interest interest) = 0;
  virtual void unwatch(Watch& watch) = 0;
  /// Blocks until `deadline` at the most, then calls `woken` (the moment to read the clock) and the watches that are
  /// ready; again whenever it has asked the kernel anew, so that nothing is timed before it happened. Whether anything
  /// was ready.
  virtual bool wait(clock::time_point deadline, void (*woken)(void*), void* argument) = 0;

  /// Throws std::system_error or std::runtime_error when this machine has no such event loop.
  static std::unique_ptr<Reactor> make(EventLoop kind, Waiting waiting = Waiting::inside);

  /// Begins to connect; nothing, with errno set, where that fails at once (no descriptor left, nobody listens on a Unix
  /// socket). `source`: the address of this machine that the connection comes from, or nullptr.
  virtual StreamPointer connect(StreamOwner& owner, const SocketAddress& address, const SocketAddress* source);
  /// Hands to the kernel what would go there with the next wait(): for a loop that another one hosts.
  virtual void submit() {}
  /// Waits, for a second at most, until the kernel is done with streams that were released. On the loop's thread.
  virtual void settle() {}
};

/// Why `automatic` is not an io_uring on this machine: "" when it is one.
std::string why_no_io_uring();

/// Throws std::invalid_argument, naming the choices.
EventLoop event_loop_from(std::string_view name);
std::string_view to_string(EventLoop kind);

}  // namespace katydid
