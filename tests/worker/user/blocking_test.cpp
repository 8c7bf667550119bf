#include "worker/user/blocking.hpp"

#include "net/several.hpp"
#include "net/sleep.hpp"
#include "tests/net/net_harness.hpp"
#include "tests/support/captured_stderr.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

void run(Loop& loop, task<> work) {
  TestContext context(loop);
  work.start(context);
  turn_until(loop, [&] { return work.done(); });
  CHECK(context.requests_in_flight == 0);
  work.result();
}

/// Lets calls go on when the test says so.
struct Gate {
  std::atomic<bool> open = false;
  std::atomic<int> inside = 0, left = 0;
  void pass() {
    ++inside;
    while (!open) std::this_thread::sleep_for(1ms);
    ++left;
  }
};

}  // namespace

TEST_CASE("blocking() gives what the call returns or throws, and other coroutines run meanwhile") {
  on_every_loop([](Loop& loop) {
    const auto body = [](Loop& own) -> task<> {
      const auto here = std::this_thread::get_id();
      const auto turn = own.turn();
      const auto there = co_await blocking([] { return std::this_thread::get_id(); });
      CHECK(there != here);
      CHECK(std::this_thread::get_id() == here);
      CHECK(own.turn() != turn);
      const auto copy = [text = std::string(100, 'x')] { return std::make_unique<std::string>(text); };
      const auto back = co_await blocking(copy);
      CHECK(*back == std::string(100, 'x'));
      int calls = 0;
      co_await blocking([&calls] { ++calls; });
      CHECK(calls == 1);
      std::string why;
      try {
        co_await blocking([]() -> int { throw std::runtime_error("no connection"); });
      } catch (const std::runtime_error& error) {
        why = error.what();
      }
      CHECK(why == "no connection");
      const auto start = Loop::clock::now();
      const auto nap = [] { std::this_thread::sleep_for(50ms); };
      const auto [one, two, three] = co_await all(blocking(nap), sleep(50ms), blocking([nap] {
                                                    nap();
                                                    return 3;
                                                  }));
      CHECK(three == 3);
      CHECK(Loop::clock::now() - start < 140ms);
    };
    run(loop, body(loop));
  });
}

TEST_CASE("a call goes on when its user is cancelled, with what it captured, and its result is dropped") {
  for (const bool loop_stays : {true, false}) {
    const auto gate = std::make_shared<Gate>();
    const auto captured = std::make_shared<int>(1);
    const auto result = std::make_shared<int>(2);
    {
      Loop loop;
      TestContext context(loop);
      const auto body = [](auto shared_gate, auto holds, auto gives) -> task<> {
        const auto call = [shared_gate, holds, gives] {
          shared_gate->pass();
          return gives;
        };
        co_await blocking(call);
      };
      std::optional<task<>> work = body(gate, captured, result);
      work->start(context);
      CHECK(context.requests_in_flight == 1);
      turn_until(loop, [&] { return gate->inside == 1; });
      work.reset();
      CHECK(context.requests_in_flight == 0);
      CHECK(captured.use_count() >= 2);
      if (loop_stays) {
        gate->open = true;
        turn_until(loop, [&] { return captured.use_count() == 1 && result.use_count() == 1; });
      }
    }
    gate->open = true;
    const auto deadline = Loop::clock::now() + 10s;
    while ((captured.use_count() > 1 || result.use_count() > 1) && Loop::clock::now() < deadline) {
      std::this_thread::sleep_for(1ms);
    }
    CHECK(captured.use_count() == 1);
    CHECK(result.use_count() == 1);
  }
}

TEST_CASE("a call that ended just before its user was cancelled resumes nobody") {
  Loop loop;
  TestContext context(loop);
  for (int i = 0; i < 50; ++i) {
    std::atomic<bool> ended = false;
    const auto body = [](std::atomic<bool>& flag) -> task<> {
      co_await blocking([&flag] { flag = true; });
      FAIL("it was cancelled");
    };
    std::optional<task<>> work = body(ended);
    work->start(context);
    while (!ended) std::this_thread::yield();
    work.reset();
    loop.poll();
  }
}

TEST_CASE("a user who is to stop gets what it waits for, and calls no more") {
  Loop loop;
  TestContext context(loop);
  int results = 0;
  const auto body = [](int& counted) -> task<> {
    for (;;)
      counted += co_await blocking([] {
        std::this_thread::sleep_for(10ms);
        return 1;
      });
  };
  auto work = body(results);
  work.start(context);
  context.cancelled = true;
  turn_until(loop, [&] { return context.parked == 1; });
  CHECK(results == 1);
  CHECK(context.requests_in_flight == 0);
}

TEST_CASE("when all threads are busy, calls wait, and a warning says so, once") {
  Loop loop;
  TestContext context(loop);
  const auto gate = std::make_shared<Gate>();
  std::vector<task<>> work;
  const auto body = [](auto shared_gate) -> task<> {
    const auto call = [shared_gate] { shared_gate->pass(); };
    co_await blocking(call);
  };
  CapturedStderr captured;
  for (int i = 0; i < 100; ++i) {
    work.push_back(body(gate));
    work.back().start(context);
  }
  turn_until(loop, [&] { return gate->inside == 32; });
  for (int i = 0; i < 5; ++i) loop.poll();
  CHECK(gate->inside == 32);
  gate->open = true;
  turn_until(loop, [&] { return context.requests_in_flight == 0; });
  CHECK(gate->left == 100);
  const std::string log = captured.text();
  const auto first = log.find("calls of blocking() wait for one of its 32 threads");
  CHECK(first != std::string::npos);
  CHECK(log.find("calls of blocking()", first + 1) == std::string::npos);
  CHECK_THROWS_AS(set_blocking_threads(0), std::invalid_argument);
}
