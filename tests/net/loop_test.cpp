#include "net/loop.hpp"

#include "base/task.hpp"
#include "net/descriptor.hpp"
#include "net/sleep.hpp"
#include "tests/net/net_harness.hpp"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

struct Pair {
  Pair() { REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0); }
  ~Pair() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  int ends[2];
};

}  // namespace

TEST_CASE("sleep suspends at least as long as said, and other coroutines run meanwhile") {
  on_every_loop([](Loop& loop) {
    TestContext context(loop);
    std::vector<std::chrono::milliseconds> finished;
    auto sleeper = [&](std::chrono::milliseconds duration) -> task<> {
      const auto start = Loop::clock::now();
      co_await sleep(duration);
      CHECK(Loop::clock::now() - start >= duration);
      finished.push_back(duration);
    };
    auto slow = sleeper(40ms), quick = sleeper(5ms);
    slow.start(context);
    quick.start(context);
    turn_until(loop, [&] { return finished.size() == 2; });
    CHECK(finished == std::vector{5ms, 40ms});
  });
}

TEST_CASE("yield comes back in a later turn") {
  on_every_loop([](Loop& loop) {
    TestContext context(loop);
    std::uint64_t before = 0, after = 0;
    auto yielding = [&]() -> task<> {
      before = loop.turn();
      co_await yield();
      after = loop.turn();
    };
    auto coroutine = yielding();
    coroutine.start(context);
    turn_until(loop, [&] { return coroutine.done(); });
    CHECK(after > before);
  });
}

TEST_CASE("a descriptor wakes its coroutine, or the time runs out") {
  on_every_loop([](Loop& loop) {
    TestContext context(loop);
    Pair pair;
    std::string got;
    bool timed_out = false;
    auto reader = [&]() -> task<> {
      timed_out = !co_await readable(pair.ends[0], 10ms);
      if (!co_await readable(pair.ends[0], 5s)) co_return;
      char bytes[16];
      got.assign(bytes, static_cast<std::size_t>(std::max<ssize_t>(0, ::read(pair.ends[0], bytes, sizeof bytes))));
    };
    auto coroutine = reader();
    coroutine.start(context);
    turn_until(loop, [&] { return timed_out; });
    REQUIRE(::write(pair.ends[1], "hello", 5) == 5);
    turn_until(loop, [&] { return coroutine.done(); });
    CHECK(got == "hello");
  });
}

TEST_CASE("writable is told, and the other end's closing wakes a reader") {
  on_every_loop([](Loop& loop) {
    TestContext context(loop);
    Pair pair;
    auto both = [&]() -> task<> {
      CHECK(co_await writable(pair.ends[0], 5s));
      ::shutdown(pair.ends[1], SHUT_RDWR);
      CHECK(co_await readable(pair.ends[0], 5s));
    };
    auto coroutine = both();
    coroutine.start(context);
    turn_until(loop, [&] { return coroutine.done(); });
  });
}

TEST_CASE("destroying a suspended coroutine takes its waits off the loop") {
  on_every_loop([](Loop& loop) {
    TestContext context(loop);
    Pair pair;
    auto waiting = [&]() -> task<> { co_await readable(pair.ends[0], 1h); };
    auto sleeping = []() -> task<> { co_await sleep(1h); };
    {
      auto first = waiting();
      auto second = sleeping();
      first.start(context);
      second.start(context);
      CHECK(loop.next_deadline() < Loop::clock::time_point::max());
    }
    CHECK(loop.next_deadline() == Loop::clock::time_point::max());
    REQUIRE(::write(pair.ends[1], "x", 1) == 1);
    loop.poll();
    loop.poll();
  });
}

TEST_CASE("a cancelled user parks at its next operation") {
  Loop loop;
  TestContext context(loop);
  bool went_on = false;
  auto user = [&]() -> task<> {
    co_await sleep(1h);
    went_on = true;
  };
  context.cancelled = true;
  auto coroutine = user();
  coroutine.start(context);
  CHECK(context.parked == 1);
  loop.poll();
  CHECK_FALSE(went_on);
}

TEST_CASE("work is posted from other threads and run on the loop's") {
  on_every_loop([](Loop& loop) {
    constexpr int threads = 4, each = 2'000;
    int run = 0;
    std::thread runner([&] { loop.run(); });
    std::vector<std::thread> posters;
    for (int i = 0; i < threads; ++i) {
      posters.emplace_back([&] {
        for (int k = 0; k < each; ++k) loop.post([&run] { ++run; });
      });
    }
    for (auto& poster : posters) poster.join();
    loop.stop();
    runner.join();
    CHECK(run == threads * each);
  });
}

TEST_CASE("deferred work runs at the end of the turn, in order, what it defers included") {
  Loop loop;
  std::string order;
  loop.defer([&] {
    order += "a";
    loop.defer([&] { order += "c"; });
  });
  loop.defer([&] { order += "b"; });
  CHECK(loop.next_deadline() <= Loop::clock::now());
  loop.poll();
  CHECK(order == "abc");
}

/// A loop that the test waits for, with a socket to watch.
struct Hosted {
  explicit Hosted(EventLoop kind) : loop(kind, Waiting::outside) {}
  Loop loop;
  Pair pair;
  TestContext context{loop};
  pollfd host{.fd = loop.descriptor(), .events = POLLIN, .revents = 0};
};

TEST_CASE("another loop can host this one by its descriptor") {
  for (EventLoop kind : {EventLoop::automatic, EventLoop::epoll}) {
    Hosted hosted(kind);
    auto& [loop, pair, context, host] = hosted;
    CAPTURE(to_string(loop.kind()));
    for (int round = 0; round < 3; ++round) {
      auto waiting = [&]() -> task<> { co_await readable(pair.ends[0]); };
      auto coroutine = waiting();
      coroutine.start(context);
      loop.poll();
      CHECK(::poll(&host, 1, 0) == 0);
      REQUIRE(::write(pair.ends[1], "x", 1) == 1);
      CHECK(::poll(&host, 1, 1000) == 1);
      while (!coroutine.done() && ::poll(&host, 1, 1000) == 1) loop.poll();
      CHECK(coroutine.done());
      char byte = 0;
      CHECK(::read(pair.ends[0], &byte, 1) == 1);
      for (int i = 0; i < 3 && ::poll(&host, 1, 0) == 1; ++i) loop.poll();
    }
  }
}

TEST_CASE("a host that sleeps is woken by what is posted to the loop and by what it watches") {
  for (EventLoop kind : {EventLoop::automatic, EventLoop::epoll}) {
    Hosted hosted(kind);
    auto& [loop, pair, context, host] = hosted;
    CAPTURE(to_string(loop.kind()));
    auto waiting = [&]() -> task<> { co_await readable(pair.ends[0]); };
    auto coroutine = waiting();
    coroutine.start(context);
    bool posted = false;
    loop.poll();
    std::thread other([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      loop.post([&] { posted = true; });
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      CHECK(::write(pair.ends[1], "x", 1) == 1);
    });
    const auto start = Loop::clock::now();
    while (!posted && ::poll(&host, 1, 5000) == 1) loop.poll();
    while (!coroutine.done() && ::poll(&host, 1, 5000) == 1) loop.poll();
    other.join();
    CHECK(posted);
    CHECK(coroutine.done());
    CHECK(Loop::clock::now() - start < std::chrono::seconds(4));
  }
}

TEST_CASE("a loop that polls in place of sleeping tells for how long that was in vain") {
  on_every_loop([](Loop& loop) {
    TestContext context(loop);
    const auto before = IdlePolling::of_process();
    auto sleeping = [&]() -> task<> {
      co_await sleep(60ms);
      loop.busy_poll(false);
      co_await sleep(60ms);
      loop.stop();
    };
    auto coroutine = sleeping();
    coroutine.start(context);
    loop.busy_poll(true);
    const auto turns = loop.turn();
    loop.run();
    CHECK(loop.turn() - turns > 1000);  // of its own accord it takes a dozen
    const auto in_vain = loop.take_idle_polling();
    CHECK(in_vain > 30ms);
    CHECK(in_vain < 90ms);
    CHECK(loop.take_idle_polling() == 0ms);
    const auto of_process = IdlePolling::of_process() - before;
    CHECK(of_process > in_vain - 2ms);
    CHECK(of_process < in_vain + 2ms);
  });
}

TEST_CASE("event loops by name") {
  CHECK(event_loop_from("auto") == EventLoop::automatic);
  CHECK(event_loop_from("epoll") == EventLoop::epoll);
  CHECK_THROWS_WITH(event_loop_from("kqueue"), "no such event loop: 'kqueue' (auto, io_uring, epoll or asio)");
}
