#include "net/several.hpp"

#include "net/sleep.hpp"
#include "tests/net/net_harness.hpp"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

using Events = std::vector<std::string>;

/// Says when it goes: a child that is cancelled destroys what it holds.
struct Goes {
  Events& events;
  std::string name;
  ~Goes() { events.push_back(name + " gone"); }
};

task<std::string> slowly(Events& events, std::string name, std::chrono::milliseconds time) {
  const Goes goes{events, name};
  events.push_back(name + " begins");
  co_await sleep(time);
  events.push_back(name + " ends");
  co_return name;
}

task<int> at_once(int value) { co_return value; }

task<> nothing(Events& events) {
  events.push_back("nothing");
  co_return;
}

task<int> failing(std::string why) {
  throw std::runtime_error(why);
  co_return 0;
}

task<int> failing_after(std::string why, std::chrono::milliseconds time) {
  co_await sleep(time);
  throw std::runtime_error(why);
}

template <class T>
T run(Loop& loop, task<T> work) {
  TestContext context(loop);
  work.start(context);
  turn_until(loop, [&] { return work.done(); });
  CHECK(context.parked == 0);
  return work.result();
}

}  // namespace

TEST_CASE("all() runs tasks at once and gives their results in order") {
  on_every_loop([](Loop& loop) {
    Events events;
    const auto body = [](Events& seen) -> task<> {
      const auto start = Loop::clock::now();
      auto [slow, quick, number, none] =
          co_await all(slowly(seen, "slow", 60ms), slowly(seen, "quick", 20ms), at_once(7), nothing(seen));
      CHECK(Loop::clock::now() - start < 200ms);
      CHECK(Loop::clock::now() - start >= 60ms);
      CHECK(slow == "slow");
      CHECK(quick == "quick");
      CHECK(number == 7);
      static_assert(std::is_same_v<decltype(none), std::monostate>);
    };
    run(loop, body(events));
    CHECK(events ==
          Events{"slow begins", "quick begins", "nothing", "quick ends", "quick gone", "slow ends", "slow gone"});
  });
}

TEST_CASE("all() of tasks that never wait goes on at once, and without results it has none") {
  on_every_loop([](Loop& loop) {
    Events events;
    const auto body = [](Events& seen, Loop& l) -> task<int> {
      const auto turn = l.turn();
      co_await all(nothing(seen), nothing(seen));
      const auto [one, two] = co_await all(at_once(1), at_once(2));
      CHECK(l.turn() == turn);
      co_return one + two;
    };
    CHECK(run(loop, body(events, loop)) == 3);
    CHECK(events.size() == 2);
  });
}

TEST_CASE("all() takes a vector") {
  on_every_loop([](Loop& loop) {
    const auto body = [](Events& seen) -> task<> {
      std::vector<task<std::string>> work;
      for (int i = 0; i < 5; ++i) work.push_back(slowly(seen, std::to_string(i), std::chrono::milliseconds(5 - i)));
      const auto names = co_await all(std::move(work));
      CHECK(names == std::vector<std::string>{"0", "1", "2", "3", "4"});
      const auto none = co_await all(std::vector<task<int>>());
      CHECK(none.empty());
      std::vector<Sleep> sleeps;
      for (int i = 0; i < 3; ++i) sleeps.push_back(sleep(1ms));
      co_await all(std::move(sleeps));
    };
    Events events;
    run(loop, body(events));
  });
}

TEST_CASE("any() gives the first and destroys the others before it goes on") {
  on_every_loop([](Loop& loop) {
    Events events;
    const auto body = [](Events& seen) -> task<> {
      const auto first = co_await any(slowly(seen, "slow", 10s), slowly(seen, "quick", 5ms), sleep(10s));
      CHECK(first.index() == 1);
      CHECK(std::get<1>(first) == "quick");
      CHECK(seen.back() == "slow gone");
      const auto limited = co_await any(slowly(seen, "late", 10s), sleep(1ms));
      CHECK(limited.index() == 1);
      CHECK(seen.back() == "late gone");
    };
    run(loop, body(events));
  });
}

TEST_CASE("any() of a container says which one was the first") {
  on_every_loop([](Loop& loop) {
    Events events;
    const auto body = [](Events& seen) -> task<> {
      std::vector<task<std::string>> races;
      races.push_back(slowly(seen, "slow", 10s));
      races.push_back(slowly(seen, "quick", 5ms));
      const auto [index, name] = co_await any(std::move(races));
      CHECK(index == 1);
      CHECK(name == "quick");
      CHECK(seen.back() == "slow gone");
      std::vector<task<>> one;
      one.push_back(nothing(seen));
      CHECK((co_await any(std::move(one))).index == 0);
      std::vector<task<int>> failures;
      failures.push_back(failing_after("first", 2ms));
      failures.push_back(failing_after("second", 10s));
      CHECK_THROWS_WITH(co_await any(std::move(failures)), "first");
      CHECK_THROWS_AS(static_cast<void>(any(std::vector<task<>>())), std::invalid_argument);
    };
    run(loop, body(events));
  });
}

TEST_CASE("any() starts nothing behind what ends at once") {
  on_every_loop([](Loop& loop) {
    Events events;
    const auto body = [](Events& seen) -> task<std::size_t> {
      const auto first = co_await any(slowly(seen, "slow", 10s), at_once(1), nothing(seen));
      co_return first.index();
    };
    CHECK(run(loop, body(events)) == 1);
    CHECK(events == Events{"slow begins", "slow gone"});
  });
}

TEST_CASE("the first exception comes out when the others are destroyed") {
  on_every_loop([](Loop& loop) {
    Events events;
    const auto body = [](Events& seen) -> task<> {
      std::string why;
      try {
        co_await all(slowly(seen, "slow", 10s), failing_after("first", 5ms), failing_after("second", 10s));
      } catch (const std::runtime_error& error) {
        why = error.what();
        CHECK(seen == Events{"slow begins", "slow gone"});
      }
      CHECK(why == "first");
      seen.clear();
      CHECK_NOTHROW(co_await sleep(1ms));
      try {  // of one that never waits
        co_await all(slowly(seen, "slow", 10s), failing("at once"), nothing(seen));
      } catch (const std::runtime_error& error) {
        why = error.what();
      }
      CHECK(why == "at once");
      CHECK(seen == Events{"slow begins", "slow gone"});
      try {
        co_await any(slowly(seen, "slow", 10s), failing_after("of any", 5ms));
      } catch (const std::runtime_error& error) {
        why = error.what();
      }
      CHECK(why == "of any");
    };
    run(loop, body(events));
  });
}

TEST_CASE("an exception passes through nested ones, and each cancels its own") {
  on_every_loop([](Loop& loop) {
    Events events;
    const auto inner = [](Events& seen) -> task<> {
      const Goes goes{seen, "inner"};
      co_await all(slowly(seen, "b", 10s), failing_after("deep", 5ms));
    };
    const auto body = [](Events& seen, auto nested) -> task<> {
      try {
        co_await all(slowly(seen, "a", 10s), nested(seen), slowly(seen, "c", 10s));
      } catch (const std::runtime_error& error) {
        seen.push_back(error.what());
      }
    };
    run(loop, body(events, inner));
    CHECK(events == Events{"a begins", "b begins", "c begins", "b gone", "inner gone", "c gone", "a gone", "deep"});
  });
}

TEST_CASE("what a recorder wants the task to get is thrown by what begins next, not where a child ends") {
  on_every_loop([](Loop& loop) {
    TestContext context(loop);
    Events events;
    const auto leaves_it = [](Context& of) -> task<> {
      of.thrown = std::make_exception_ptr(std::runtime_error("steered"));
      co_return;
    };
    const auto goes_on = [](Events& seen) -> task<> {
      co_await sleep(2ms);
      seen.emplace_back("waits again");
      co_await sleep(2ms);
      seen.emplace_back("never");
    };
    const auto body = [&](Events& seen) -> task<> {
      try {
        co_await all(goes_on(seen), leaves_it(context));
      } catch (const std::runtime_error& error) {
        seen.emplace_back(error.what());
      }
      co_await sleep(1ms);
    };
    auto work = body(events);
    work.start(context);
    turn_until(loop, [&] { return work.done(); });
    CHECK_NOTHROW(work.result());
    CHECK(events == Events{"waits again", "steered"});
  });
}

TEST_CASE("destroying the awaiting task destroys the children, whatever they wait for") {
  on_every_loop([](Loop& loop) {
    Events events;
    TestContext context(loop);
    const auto plain = [](Events& seen) -> task<> { co_await all(slowly(seen, "a", 10s), slowly(seen, "b", 10s)); };
    std::optional<task<>> work = plain(events);
    work->start(context);
    for (int i = 0; i < 3; ++i) loop.poll();
    work.reset();
    CHECK(events == Events{"a begins", "b begins", "b gone", "a gone"});
    loop.poll();
  });
}

TEST_CASE("what is never awaited, or awaited by a user who is to stop, starts nothing") {
  on_every_loop([](Loop& loop) {
    Events events;
    { [[maybe_unused]] const auto both = all(nothing(events), slowly(events, "a", 1ms)); }
    TestContext context(loop);
    context.cancelled = true;
    const auto body = [](Events& seen) -> task<> { co_await all(nothing(seen), slowly(seen, "a", 1ms)); };
    auto work = body(events);
    work.start(context);
    loop.poll();
    CHECK(context.parked == 1);
    CHECK(events.empty());
  });
}

TEST_CASE("a user who is to stop hears of the last child, though another is parked") {
  on_every_loop([](Loop& loop) {
    TestContext context(loop);
    const auto parks_at_its_second = []() -> task<> {
      co_await sleep(5ms);
      co_await sleep(5ms);
    };
    const auto body = [](auto first) -> task<> { co_await all(first(), sleep(300ms)); };
    auto work = body(parks_at_its_second);
    work.start(context);
    context.cancelled = true;
    turn_until(loop, [&] { return context.parked == 1; });
    CHECK_FALSE(work.done());
    turn_until(loop, [&] { return context.parked == 2; });
    CHECK_FALSE(work.done());
  });
}
