#include "http/reactor.hpp"

#include "http/asio_reactor.hpp"
#include "http/epoll_reactor.hpp"

#include <stdexcept>
#include <string>

namespace katydid {

std::unique_ptr<Reactor> Reactor::make(EventLoop kind) {
#if defined(__linux__)
  if (kind != EventLoop::asio) return std::make_unique<EpollReactor>();
#else
  if (kind == EventLoop::epoll) throw std::runtime_error("--event-loop epoll: this system has no epoll, use auto");
#endif
  return make_asio_reactor();
}

EventLoop event_loop_from(std::string_view name) {
  for (EventLoop kind : {EventLoop::automatic, EventLoop::epoll, EventLoop::asio}) {
    if (name == to_string(kind)) return kind;
  }
  throw std::invalid_argument("no such event loop: '" + std::string(name) + "' (auto, epoll or asio)");
}

std::string_view to_string(EventLoop kind) {
  switch (kind) {
    case EventLoop::automatic:
      return "auto";
    case EventLoop::epoll:
      return "epoll";
    case EventLoop::asio:
      return "asio";
  }
  return "?";
}

}  // namespace katydid
