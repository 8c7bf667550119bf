#include "net/timer_queue.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <random>
#include <vector>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

const TimerQueue::time_point start{};

struct Alarm : Timer {
  Alarm() : Timer([](Timer& timer) { static_cast<Alarm&>(timer).rang(); }) {}
  void rang() {
    ++count;
    if (then) then();
  }
  int count = 0;
  std::function<void()> then;
};

}  // namespace

TEST_CASE("timers fire in order, and only those that are due") {
  TimerQueue queue;
  std::mt19937 random(7);
  std::vector<int> order;
  std::vector<std::unique_ptr<Alarm>> alarms;
  std::vector<int> delays(1000);
  for (std::size_t i = 0; i < delays.size(); ++i) {
    delays[i] = static_cast<int>(random() % 500);
    auto& alarm = alarms.emplace_back(std::make_unique<Alarm>());
    alarm->then = [&order, delay = delays[i]] { order.push_back(delay); };
    queue.arm(*alarm, start + std::chrono::milliseconds(delays[i]));
  }
  CHECK(queue.next() == start + std::chrono::milliseconds(*std::ranges::min_element(delays)));
  queue.fire_due(start + 250ms);
  CHECK(order.size() == static_cast<std::size_t>(std::ranges::count_if(delays, [](int d) { return d <= 250; })));
  queue.fire_due(start + 500ms);
  CHECK(std::ranges::is_sorted(order));
  CHECK(order.size() == delays.size());
  CHECK(queue.size() == 0);
  CHECK(queue.next() == TimerQueue::time_point::max());
}

TEST_CASE("timers are moved and disarmed at any place of the heap") {
  TimerQueue queue;
  std::mt19937 random(11);
  std::vector<std::unique_ptr<Alarm>> alarms;
  std::vector<int> due(300, -1);
  for (std::size_t i = 0; i < due.size(); ++i) alarms.push_back(std::make_unique<Alarm>());
  for (int step = 0; step < 20'000; ++step) {
    const std::size_t i = random() % due.size();
    if (random() % 3 == 0) {
      queue.disarm(*alarms[i]);
      due[i] = -1;
    } else {
      due[i] = static_cast<int>(random() % 1000);
      queue.arm(*alarms[i], start + std::chrono::milliseconds(due[i]));
    }
  }
  const auto armed = std::ranges::count_if(due, [](int d) { return d >= 0; });
  CHECK(queue.size() == static_cast<std::size_t>(armed));
  queue.fire_due(start + 500ms);
  for (std::size_t i = 0; i < due.size(); ++i) {
    CHECK(alarms[i]->count == (due[i] >= 0 && due[i] <= 500 ? 1 : 0));
    CHECK(alarms[i]->armed() == (due[i] > 500));
  }
}

TEST_CASE("a callback may arm its own timer and disarm one that is due with it") {
  TimerQueue queue;
  Alarm first, second, third;
  first.then = [&] {
    queue.disarm(second);
    queue.arm(first, start);       // in the past: not in this call
    queue.arm(third, start + 1h);  // moves one that is due with it
  };
  queue.arm(first, start + 1ms);
  queue.arm(second, start + 2ms);
  queue.arm(third, start + 3ms);
  queue.fire_due(start + 10ms);
  CHECK(first.count == 1);
  CHECK(second.count == 0);
  CHECK(third.count == 0);
  CHECK(first.armed());
  CHECK_FALSE(second.armed());
  first.then = {};
  queue.fire_due(start + 10ms);
  CHECK(first.count == 2);
  CHECK(queue.next() == start + 1h);
}
