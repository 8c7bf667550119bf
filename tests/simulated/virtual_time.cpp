#include "tests/simulated/virtual_time.hpp"

#include <algorithm>
#include <utility>

namespace katydid::simulated {
namespace {

constexpr std::chrono::microseconds hop{30};  // from thread to thread

class VirtualTimer final : public ControlLoop::Timer {
 public:
  VirtualTimer(VirtualTime& time, std::shared_ptr<bool> alive) : time_(time), alive_(std::move(alive)) {}
  ~VirtualTimer() override { cancel(); }

  void start(std::chrono::nanoseconds delay, std::function<void()> call) override {
    time_.after(delay, [call = std::move(call), alive = alive_, current = current_, mine = ++*current_] {
      if (*alive && *current == mine) call();
    });
  }
  void cancel() override { ++*current_; }

 private:
  VirtualTime& time_;
  std::shared_ptr<bool> alive_;
  std::shared_ptr<std::uint64_t> current_ = std::make_shared<std::uint64_t>(0);
};

}  // namespace

void VirtualTime::at(clock::time_point when, std::function<void()> call) {
  queue_.push_back({std::max(when, now_), events_++, std::move(call)});
  std::ranges::push_heap(queue_, &later);
}

bool VirtualTime::step(clock::time_point end) {
  if (queue_.empty() || queue_.front().when > end) {
    now_ = std::max(now_, end);
    return false;
  }
  std::ranges::pop_heap(queue_, &later);
  const Event next = std::move(queue_.back());
  queue_.pop_back();
  now_ = next.when;
  next.call();
  return true;
}

void VirtualThread::post(std::function<void()> work) {
  free_ = std::max(free_, time_.now() + hop);
  time_.at(free_, [work = std::move(work), alive = alive_] {
    if (*alive) work();
  });
}

std::unique_ptr<ControlLoop::Timer> VirtualThread::make_timer() {
  return std::make_unique<VirtualTimer>(time_, alive_);
}

}  // namespace katydid::simulated
