#pragma once

#if defined(__linux__)

#include "net/reactor/reactor.hpp"

#include <sys/epoll.h>

#include <array>

namespace katydid {

/// epoll, level-triggered, a batch of events per wait.
class EpollReactor final : public Reactor {
 public:
  EpollReactor();
  ~EpollReactor() override;

  EventLoop kind() const override { return EventLoop::epoll; }
  int descriptor() const override { return epoll_; }
  void watch(Watch& watch, Interest interest) override;
  void change(Watch& watch, Interest interest) override;
  void unwatch(Watch& watch) override;
  bool wait(clock::time_point deadline, void (*woken)(void*), void* argument) override;

 private:
  void control(int operation, Watch& watch, Interest interest);
  int wait_for_events(clock::time_point deadline);

  int epoll_;
  bool has_pwait2_ = true;
  std::array<epoll_event, 512> events_;
  int batch_ = 0;  // how many of events_ are still to be dispatched, for unwatch() in the middle
  int next_ = 0;
};

}  // namespace katydid

#endif
