#include "net/task_group.hpp"

#include "net/several.hpp"
#include "net/sleep.hpp"
#include "tests/net/net_harness.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

struct Counts {
  int running = 0, most = 0, ended = 0, gone = 0;
};

task<int> counted(Counts& counts, std::chrono::milliseconds time) {
  const struct Goes {
    explicit Goes(Counts& c) : seen(c) { seen.most = std::max(seen.most, ++seen.running); }
    ~Goes() {
      --seen.running;
      ++seen.gone;
    }
    Counts& seen;
  } goes(counts);
  if (time > 0ms) co_await sleep(time);
  ++counts.ended;
  co_return 1;
}

task<> failing(std::chrono::milliseconds time) {
  if (time > 0ms) co_await sleep(time);
  throw std::runtime_error("failed");
}

void run(Loop& loop, task<> work) {
  TestContext context(loop);
  work.start(context);
  turn_until(loop, [&] { return work.done(); });
  work.result();
}

}  // namespace

TEST_CASE("a group runs as many as it may, and finished() waits for all") {
  on_every_loop([](Loop& loop) {
    const auto body = []() -> task<> {
      Counts counts;
      TaskGroup group(6);
      for (int i = 0; i < 20; ++i) co_await group.run(counted(counts, std::chrono::milliseconds(1 + i % 3)));
      CHECK(counts.most == 6);
      CHECK(counts.ended >= 14);
      co_await group.finished();
      CHECK(counts.ended == 20);
      CHECK(counts.gone == 20);
      CHECK(group.size() == 0);
      co_await group.finished();
      co_await group.run(sleep(1ms));
      co_await group.finished();
    };
    run(loop, body());
  });
}

TEST_CASE("a group without a limit starts all, and tasks that never wait are no matter") {
  on_every_loop([](Loop& loop) {
    const auto body = []() -> task<> {
      Counts counts;
      TaskGroup unlimited;
      for (int i = 0; i < 50; ++i) co_await unlimited.run(counted(counts, 2ms));
      CHECK(counts.running == 50);
      co_await unlimited.finished();
      TaskGroup one(1);
      for (int i = 0; i < 1000; ++i) co_await one.run(counted(counts, 0ms));
      co_await one.finished();
      CHECK(counts.ended == 1050);
      CHECK_THROWS_AS(TaskGroup(0), std::invalid_argument);
    };
    run(loop, body());
  });
}

TEST_CASE("what a child throws reaches run() or finished(), when the others are gone, and the group goes on") {
  on_every_loop([](Loop& loop) {
    const auto body = []() -> task<> {
      Counts counts;
      TaskGroup group(2);
      const auto caught = [](auto call) -> task<bool> {
        bool thrown = false;
        try {
          co_await call();
        } catch (const std::runtime_error&) {
          thrown = true;
        }
        co_return thrown;
      };
      // While run() waits for a place.
      co_await group.run(counted(counts, 10s));
      co_await group.run(failing(5ms));
      bool thrown = co_await caught([&] { return group.run(counted(counts, 10s)); });
      CHECK(thrown);
      CHECK(counts.gone == 1);
      CHECK(group.size() == 0);
      // While finished() waits.
      co_await group.run(counted(counts, 10s));
      co_await group.run(failing(5ms));
      thrown = co_await caught([&] { return group.finished(); });
      CHECK(thrown);
      CHECK(counts.gone == 2);
      // Before either waits.
      co_await group.run(counted(counts, 10s));
      co_await group.run(failing(2ms));
      co_await sleep(20ms);
      CHECK(counts.gone == 3);
      thrown = co_await caught([&] { return group.run(counted(counts, 10s)); });
      CHECK(thrown);
      CHECK(counts.gone == 3);
      // At once.
      co_await group.run(counted(counts, 10s));
      co_await group.run(failing(0ms));
      thrown = co_await caught([&] { return group.finished(); });
      CHECK(thrown);
      CHECK(counts.gone == 4);
      co_await group.run(counted(counts, 1ms));
      co_await group.finished();
      CHECK(counts.ended == 1);
    };
    run(loop, body());
  });
}

TEST_CASE("leaving the scope cancels what runs, and drops what was thrown") {
  on_every_loop([](Loop& loop) {
    const auto body = []() -> task<> {
      Counts counts;
      {
        TaskGroup group(3);
        for (int i = 0; i < 3; ++i) co_await group.run(counted(counts, 10s));
      }
      CHECK(counts.gone == 3);
      {
        TaskGroup group;
        co_await group.run(failing(0ms));
      }
      co_await sleep(2ms);
    };
    run(loop, body());
  });
}

TEST_CASE("two tasks may fill one group") {
  on_every_loop([](Loop& loop) {
    const auto body = []() -> task<> {
      Counts counts;
      TaskGroup group(2);
      const auto fill = [](TaskGroup& into, Counts& seen, int first) -> task<> {
        for (int i = first; i < first + 30; ++i) {
          co_await into.run(counted(seen, std::chrono::milliseconds(i % 3)));  // every third never waits
        }
      };
      co_await all(fill(group, counts, 0), fill(group, counts, 1), fill(group, counts, 2));
      co_await group.finished();
      CHECK(counts.ended == 90);
      CHECK(counts.most <= 2);
      // One of them gets what is thrown; the other finds places.
      int caught = 0;
      const auto fill_and_catch = [](TaskGroup& into, Counts& seen, int& thrown) -> task<> {
        for (int i = 0; i < 5; ++i) {
          try {
            co_await into.run(counted(seen, 1ms));
          } catch (const std::runtime_error&) {
            ++thrown;
          }
        }
      };
      co_await group.run(counted(counts, 10s));
      co_await group.run(failing(3ms));
      co_await all(fill_and_catch(group, counts, caught), fill_and_catch(group, counts, caught));
      co_await group.finished();
      CHECK(caught == 1);
    };
    run(loop, body());
  });
}

TEST_CASE("a child may fill its own group, also with what throws at once") {
  on_every_loop([](Loop& loop) {
    const auto body = []() -> task<> {
      Counts counts;
      TaskGroup group(3);
      const auto child = [](TaskGroup& own, Counts& seen) -> task<> {
        co_await own.run(counted(seen, 0ms));
        co_await own.run(failing(0ms));  // cancels this one, but not while it runs
        ++seen.ended;
        co_await sleep(10s);
        ++seen.ended;
      };
      co_await group.run(child(group, counts));
      bool thrown = false;
      try {
        co_await group.finished();
      } catch (const std::runtime_error&) {
        thrown = true;
      }
      CHECK(thrown);
      CHECK(counts.ended == 2);
    };
    run(loop, body());
  });
}

TEST_CASE("a user who is to stop starts nothing more of a group, and hears of the last that ends") {
  on_every_loop([](Loop& loop) {
    TestContext context(loop);
    Counts counts;
    const auto body = [](Counts& seen) -> task<> {
      TaskGroup group(2);
      for (int i = 0; i < 10; ++i) co_await group.run(counted(seen, 5ms));
      co_await group.finished();
    };
    std::optional<task<>> work = body(counts);
    work->start(context);
    loop.poll();
    context.cancelled = true;
    turn_until(loop, [&] { return counts.ended == 2; });
    loop.poll();
    CHECK(context.parked > 0);
    CHECK(counts.most == 2);
    CHECK(counts.gone == 2);
    work.reset();
  });
}
