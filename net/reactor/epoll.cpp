#include "net/reactor/epoll.hpp"

#if defined(__linux__)

#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace katydid {
namespace {

std::uint32_t epoll_bits(Interest interest) {
  std::uint32_t bits = 0;
  if (interest.read) bits |= EPOLLIN | EPOLLRDHUP;
  if (interest.write) bits |= EPOLLOUT;
  return bits;
}

Ready ready_from(std::uint32_t bits) {
  const bool error = bits & (EPOLLERR | EPOLLHUP);
  return {.read = error || (bits & (EPOLLIN | EPOLLRDHUP)), .write = error || (bits & EPOLLOUT), .error = error};
}

}  // namespace

EpollReactor::EpollReactor() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "cannot create an epoll descriptor");
}

EpollReactor::~EpollReactor() { ::close(epoll_); }

void EpollReactor::control(int operation, Watch& watch, Interest interest) {
  epoll_event event{};
  event.events = epoll_bits(interest);
  event.data.ptr = &watch;
  if (::epoll_ctl(epoll_, operation, watch.descriptor, &event) < 0) {
    throw std::system_error(errno, std::generic_category(),
                            "cannot watch descriptor " + std::to_string(watch.descriptor));
  }
}

void EpollReactor::watch(Watch& watch, Interest interest) { control(EPOLL_CTL_ADD, watch, interest); }

void EpollReactor::change(Watch& watch, Interest interest) { control(EPOLL_CTL_MOD, watch, interest); }

void EpollReactor::unwatch(Watch& watch) {
  epoll_event unused{};
  ::epoll_ctl(epoll_, EPOLL_CTL_DEL, watch.descriptor, &unused);
  for (int i = next_; i < batch_; ++i) {
    if (events_[static_cast<std::size_t>(i)].data.ptr == &watch)
      events_[static_cast<std::size_t>(i)].data.ptr = nullptr;
  }
}

int EpollReactor::wait_for_events(clock::time_point deadline) {
  using namespace std::chrono;
  const auto capacity = static_cast<int>(events_.size());
  if (deadline == clock::time_point::max()) return ::epoll_wait(epoll_, events_.data(), capacity, -1);
  if (deadline == clock::time_point::min()) return ::epoll_wait(epoll_, events_.data(), capacity, 0);
  const auto left = deadline - clock::now();
  if (left <= clock::duration::zero()) return ::epoll_wait(epoll_, events_.data(), capacity, 0);
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 35)
  if (has_pwait2_) {  // since Linux 5.11; a timeout in whole milliseconds would make short waits late
    const auto whole = floor<seconds>(left);
    const timespec timeout{static_cast<time_t>(whole.count()), static_cast<long>(nanoseconds(left - whole).count())};
    const int count = ::epoll_pwait2(epoll_, events_.data(), capacity, &timeout, nullptr);
    if (count >= 0 || errno != ENOSYS) return count;
    has_pwait2_ = false;
  }
#endif
  return ::epoll_wait(epoll_, events_.data(), capacity, static_cast<int>(ceil<milliseconds>(left).count()));
}

bool EpollReactor::wait(clock::time_point deadline, void (*woken)(void*), void* argument) {
  const int count = wait_for_events(deadline);
  woken(argument);
  if (count < 0) {
    if (errno == EINTR) return false;
    throw std::system_error(errno, std::generic_category(), "epoll_wait");
  }
  batch_ = count;
  for (next_ = 0; next_ < batch_;) {
    const epoll_event& event = events_[static_cast<std::size_t>(next_++)];
    if (auto* watch = static_cast<Watch*>(event.data.ptr)) watch->ready(*watch, ready_from(event.events));
  }
  batch_ = next_ = 0;
  return count > 0;
}

}  // namespace katydid

#endif
