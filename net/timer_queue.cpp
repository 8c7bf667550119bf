#include "net/timer_queue.hpp"

#include <algorithm>

namespace katydid {
namespace {
constexpr std::uint32_t children = 4;
// Marks a timer that fire_due() has taken off the heap and not yet called; the low part is its place in due_.
constexpr std::uint32_t due_flag = 0x8000'0000;
}  // namespace

void TimerQueue::place(std::uint32_t position, Entry entry) {
  heap_[position] = entry;
  entry.timer->position = position;
}

void TimerQueue::sift_up(std::uint32_t position, Entry entry) {
  while (position > 0) {
    const std::uint32_t parent = (position - 1) / children;
    if (heap_[parent].when <= entry.when) break;
    place(position, heap_[parent]);
    position = parent;
  }
  place(position, entry);
}

void TimerQueue::sift_down(std::uint32_t position, Entry entry) {
  const auto size = static_cast<std::uint32_t>(heap_.size());
  for (;;) {
    const std::uint32_t first = position * children + 1;
    if (first >= size) break;
    std::uint32_t least = first;
    for (std::uint32_t child = first + 1; child < std::min(first + children, size); ++child) {
      if (heap_[child].when < heap_[least].when) least = child;
    }
    if (entry.when <= heap_[least].when) break;
    place(position, heap_[least]);
    position = least;
  }
  place(position, entry);
}

void TimerQueue::arm(Timer& timer, time_point when) {
  if (timer.armed() && !(timer.position & due_flag)) {
    const std::uint32_t position = timer.position;
    const bool sooner = when < heap_[position].when;
    sooner ? sift_up(position, {when, &timer}) : sift_down(position, {when, &timer});
    return;
  }
  disarm(timer);
  heap_.push_back({when, &timer});
  sift_up(static_cast<std::uint32_t>(heap_.size() - 1), {when, &timer});
}

void TimerQueue::disarm(Timer& timer) {
  if (!timer.armed()) return;
  const std::uint32_t position = timer.position;
  timer.position = Timer::idle;
  if (position & due_flag) {
    due_[position & ~due_flag] = nullptr;
    return;
  }
  const Entry last = heap_.back();
  heap_.pop_back();
  if (last.timer == &timer) return;
  const bool up = position > 0 && last.when < heap_[(position - 1) / children].when;
  up ? sift_up(position, last) : sift_down(position, last);
}

std::size_t TimerQueue::fire_due(time_point now) {
  while (!heap_.empty() && heap_.front().when <= now) {
    Timer* timer = heap_.front().timer;
    disarm(*timer);
    timer->position = due_flag | static_cast<std::uint32_t>(due_.size());
    due_.push_back(timer);
  }
  const std::size_t count = due_.size();
  for (std::size_t i = 0; i < count; ++i) {
    Timer* timer = due_[i];
    if (!timer) continue;  // disarmed by one that fired before it
    timer->position = Timer::idle;
    timer->fire(*timer);
  }
  due_.clear();
  return count;
}

}  // namespace katydid
