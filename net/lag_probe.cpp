#include "net/lag_probe.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#if defined(__linux__)
#include <sys/timerfd.h>
#include <unistd.h>
#endif

namespace katydid {
namespace {

constexpr std::chrono::milliseconds interval{20};

}  // namespace

void LagProbe::start() {
  due_ = clock::now() + interval;
  arm();
}

/// All that were due are counted, or a loop that was blocked for a second would count one event for fifty.
void LagProbe::handle() {
  for (; due_ <= now_; due_ += interval) lag_.record(now_ - due_);
  arm();
}

LoopLag LagProbe::take() { return std::exchange(lag_, {}); }

#if defined(__linux__)

LagProbe::LagProbe(Reactor& reactor, TimerQueue&, const clock::time_point& now) : now_(now), reactor_(reactor) {
  event_.probe = this;
  event_.descriptor = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (event_.descriptor < 0) throw std::system_error(errno, std::generic_category(), "cannot create a timerfd");
  event_.ready = [](Watch& watch, Ready) { static_cast<Event&>(watch).probe->handle(); };
  reactor_.watch(event_, {.read = true});
}

LagProbe::~LagProbe() {
  reactor_.unwatch(event_);
  ::close(event_.descriptor);
}

void LagProbe::stop() {
  const itimerspec never{};
  ::timerfd_settime(event_.descriptor, 0, &never, nullptr);
}

/// Setting it anew also takes back that it was readable, which spares reading it.
void LagProbe::arm() {
  using namespace std::chrono;
  const auto since_boot = due_.time_since_epoch();  // steady_clock is CLOCK_MONOTONIC
  const auto whole = floor<seconds>(since_boot);
  itimerspec when{};
  when.it_value.tv_sec = static_cast<time_t>(whole.count());
  when.it_value.tv_nsec = static_cast<long>(nanoseconds(since_boot - whole).count());
  ::timerfd_settime(event_.descriptor, TFD_TIMER_ABSTIME, &when, nullptr);
}

#else

LagProbe::LagProbe(Reactor&, TimerQueue& timers, const clock::time_point& now)
    : now_(now), timers_(timers), event_(*this) {}

LagProbe::~LagProbe() { stop(); }

void LagProbe::stop() {
  if (event_.armed()) timers_.disarm(event_);
}

void LagProbe::arm() { timers_.arm(event_, due_); }

#endif

}  // namespace katydid
