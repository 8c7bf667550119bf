#include "net/reactor/reactor.hpp"

#include "net/reactor/asio_reactor.hpp"
#include "net/reactor/epoll.hpp"
#include "net/reactor/reactor_stream.hpp"
#include "net/reactor/uring.hpp"

#include <stdexcept>
#include <string>
#include <system_error>

namespace katydid {

std::unique_ptr<Reactor> Reactor::make(EventLoop kind, Waiting waiting) {
#if defined(KATYDID_HAS_IO_URING)
  if ((kind == EventLoop::io_uring || kind == EventLoop::automatic) && why_no_io_uring().empty()) {
    return std::make_unique<UringReactor>(waiting);
  }
#endif
  static_cast<void>(waiting);  // nothing else makes a difference of it
  if (kind == EventLoop::io_uring) throw std::runtime_error("--event-loop io_uring: " + why_no_io_uring());
#if defined(__linux__)
  if (kind != EventLoop::asio) return std::make_unique<EpollReactor>();
#else
  if (kind == EventLoop::epoll)
    throw std::runtime_error("--event-loop epoll: this system has no epoll. Use --event-loop auto");
#endif
  return make_asio_reactor();
}

StreamPointer Reactor::connect(StreamOwner& owner, const SocketAddress& address, const SocketAddress* source) {
  return ReactorStream::connect(*this, owner, address, source);
}

std::string why_no_io_uring() {
#if defined(KATYDID_HAS_IO_URING)
  // Asked once: the answer holds for the whole process.
  static const std::string reason = [] {
    try {
      UringReactor tried(Waiting::inside);
      return std::string();
    } catch (const std::system_error& error) {
      return std::string(error.what());
    }
  }();
  return reason;
#elif defined(__linux__)
  return "this katydid was built without liburing";
#else
  return "this system has no io_uring";
#endif
}

EventLoop event_loop_from(std::string_view name) {
  for (EventLoop kind : {EventLoop::automatic, EventLoop::io_uring, EventLoop::epoll, EventLoop::asio}) {
    if (name == to_string(kind)) return kind;
  }
  throw std::invalid_argument("no such event loop: '" + std::string(name) + "' (auto, io_uring, epoll or asio)");
}

std::string_view to_string(EventLoop kind) {
  switch (kind) {
    case EventLoop::automatic:
      return "auto";
    case EventLoop::io_uring:
      return "io_uring";
    case EventLoop::epoll:
      return "epoll";
    case EventLoop::asio:
      return "asio";
  }
  return "?";
}

}  // namespace katydid
