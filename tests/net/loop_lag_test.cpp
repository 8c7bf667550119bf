#include "net/loop_lag.hpp"

#include "net/loop.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

/// Keeps its loop from all else, `times` in turn.
struct Blocking : Timer {
  explicit Blocking(Loop& l) : Timer([](Timer& self) { static_cast<Blocking&>(self).block(); }), loop(l) {}
  void block() {
    std::this_thread::sleep_for(duration);
    if (--times > 0) return loop.arm(*this, Loop::clock::now() + 1ms);
    loop.stop();
  }
  Loop& loop;
  std::chrono::milliseconds duration = 70ms;
  int times = 4;
};

}  // namespace

TEST_CASE("percentiles of a lag are right to an eighth, and never above the maximum") {
  LoopLag lag;
  CHECK(lag.percentile(0.99) == 0ns);
  CHECK(lag.min() == 0ns);
  for (int i = 1; i <= 1000; ++i) lag.record(std::chrono::microseconds(i * 10));
  CHECK(lag.count() == 1000);
  CHECK(lag.max() == 10ms);
  CHECK(lag.min() == 10us);
  CHECK(lag.total() == 5'005ms);
  for (const double fraction : {0.1, 0.5, 0.9, 0.99}) {
    const auto exact = std::chrono::duration<double, std::micro>(fraction * 10'000);
    CHECK(lag.percentile(fraction) >= exact);
    CHECK(lag.percentile(fraction) <= exact * 1.13);
  }
  CHECK(lag.percentile(1) == 10ms);
  LoopLag more;
  more.record(1h);
  more.merge(lag);
  CHECK(more.count() == 1001);
  CHECK(more.min() == 10us);
  CHECK(more.percentile(1) > 1min);
}

TEST_CASE("every length falls into a bucket that ends behind it") {
  std::chrono::nanoseconds last{};
  for (auto length = 1ns; length < 1min; length = length * 9 / 8 + 1ns) {
    LoopLag lag;
    lag.record(length);
    int buckets = 0;
    lag.for_each([&](std::chrono::nanoseconds end, std::uint64_t count) {
      ++buckets;
      CHECK(count == 1);
      CHECK(end > length);
      CHECK(end <= length * 9 / 8 + 1025ns);
      CHECK(end >= last);
      last = end;
    });
    CHECK(buckets == 1);
  }
}

TEST_CASE("a loop measures how long it keeps its events waiting") {
  for (EventLoop kind : {EventLoop::automatic, EventLoop::epoll, EventLoop::asio}) {
    Loop loop(kind);
    CAPTURE(to_string(kind));
    const auto start = Loop::clock::now();
    std::jthread ends([&] {
      std::this_thread::sleep_for(300ms);
      loop.stop();
    });
    loop.run();
    const LoopLag idle = loop.take_lag();
    CHECK(idle.count() >= 5);
    CHECK(idle.count() <= (Loop::clock::now() - start) / 20ms);
    CHECK(idle.min() < 5ms);  // the median is that of a machine that others use, too
    CHECK(loop.take_lag().count() == 0);

    Blocking blocking(loop);
    loop.arm(blocking, Loop::clock::now());
    loop.run();
    const LoopLag blocked = loop.take_lag();
    CHECK(blocked.count() >= 10);  // three in each 70 ms, the last of which nobody looked at any more
    CHECK(blocked.max() >= 50ms);  // what was due in the first 20 ms
    CHECK(blocked.percentile(0.5) >= 20ms);
    CHECK(blocked.min() >= 0ns);
  }
}

TEST_CASE("what was due while a loop did not run is no lag of it") {
  Loop loop;
  for (int run = 0; run < 3; ++run) {
    Blocking once(loop);
    once.duration = 1ms;
    once.times = 1;
    loop.arm(once, Loop::clock::now());
    loop.run();
    std::this_thread::sleep_for(50ms);
    loop.poll();
  }
  CHECK(loop.take_lag().count() == 0);
}
