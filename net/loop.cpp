#include "net/loop.hpp"

#include <fcntl.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/eventfd.h>
#endif

#include <cerrno>
#include <system_error>

namespace katydid {
namespace {

void drain(int fd) {
  char bytes[64];
  while (::read(fd, bytes, sizeof bytes) > 0) {
  }
}

}  // namespace

Loop::Loop(EventLoop kind, Waiting waiting) : reactor_(Reactor::make(kind, waiting)) {
#if defined(__linux__)
  wake_.descriptor = wake_write_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (wake_write_ < 0) throw std::system_error(errno, std::generic_category(), "cannot create an eventfd");
#else
  int ends[2];
  if (::pipe(ends) < 0) throw std::system_error(errno, std::generic_category(), "cannot create a pipe");
  for (int end : ends) {
    ::fcntl(end, F_SETFL, O_NONBLOCK);
    ::fcntl(end, F_SETFD, FD_CLOEXEC);
  }
  wake_.descriptor = ends[0];
  wake_write_ = ends[1];
#endif
  wake_.loop = this;
  wake_.ready = [](Watch& watch, Ready) {
    drain(watch.descriptor);
    static_cast<Wake&>(watch).loop->run_posted();
  };
  reactor_->watch(wake_, {.read = true});
}

Loop::~Loop() {
  reactor_->unwatch(wake_);
  if (wake_.descriptor != wake_write_) ::close(wake_.descriptor);
  ::close(wake_write_);
}

int Loop::descriptor() const { return reactor_->descriptor(); }

Loop::clock::time_point Loop::next_deadline() const {
  return deferred_.empty() ? timers_.next() : clock::time_point::min();
}

void Loop::run() {
  stopped_ = false;
  probe_.start();
  while (!stopped_) turn(true);
  probe_.stop();
  reactor_->settle();
}

void Loop::poll() {
  turn(false);
  reactor_->submit();
}

void Loop::stop() {
  post([this] { stopped_ = true; });
}

void Loop::defer(std::function<void()> work) { deferred_.push_back(std::move(work)); }

void Loop::post(std::function<void()> work) {
  {
    std::lock_guard lock(mutex_);
    posted_.push_back(std::move(work));
    if (posted_.size() > 1) return;  // the loop has been woken and has not looked yet
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_write_, &one, sizeof one);
}

void Loop::run_posted() {
  std::vector<std::function<void()>> work;
  {
    std::lock_guard lock(mutex_);
    work.swap(posted_);
  }
  for (auto& call : work) call();
}

void Loop::turn(bool block) {
  ++turn_;
  const bool sleeps = block && !busy_polls_;
  const auto last_turn = now_;
  const bool ready = reactor_->wait(
      sleeps ? next_deadline() : clock::time_point::min(),
      [](void* loop) { static_cast<Loop*>(loop)->now_ = clock::now(); }, this);
  if (busy_polls_ && idle_) idle_polling_.add(now_ - last_turn);
  const bool fired = timers_.fire_due(now_) > 0;
  idle_ = !ready && !fired && deferred_.empty();
  // Deferred work may defer more: it belongs to this turn as well, so that a user that ends is gone before the next
  // event.
  while (!deferred_.empty()) {
    deferring_.swap(deferred_);
    for (auto& work : deferring_) work();
    deferring_.clear();
  }
}

}  // namespace katydid
