#include "worker/reports/timeline.hpp"

#include "tests/worker/statistics/support.hpp"

#include <doctest/doctest.h>

#include <cstdint>

using namespace katydid;
using namespace std::chrono_literals;
using katydid::reports::Timeline;
using katydid::test::ManualTime;

namespace {

struct Run {
  ManualTime time;
  Statistics statistics{time.options()};
  Timeline timeline{time.wall};

  void requests(int number) {
    for (int i = 0; i < number; ++i)
      statistics.record({.method = "GET", .name = "/", .response_time = 20ms, .error = i == 0 ? "broken" : ""});
    timeline.add(statistics.take());
  }
  void look(std::chrono::nanoseconds after, std::int64_t users = 1, Timeline::Lag lag = {}) {
    time.advance(after);
    timeline.look(time.wall, users, lag);
  }
};

}  // namespace

TEST_CASE("a slot has what came since the look before, and its true length") {
  Run run;
  run.requests(3);
  run.look(1s, 5, {.p99 = 2ms, .max = 3ms});
  run.requests(4);
  run.timeline.add_dropped(7);
  run.look(1500ms, 8);
  REQUIRE(run.timeline.slots().size() == 2);
  const auto &first = run.timeline.slots()[0], &second = run.timeline.slots()[1];
  CHECK(first.begin == 0s);
  CHECK(first.length == 1s);
  CHECK(first.requests == 3);
  CHECK(first.failures == 1);
  CHECK(first.users == 5);
  CHECK(first.lag.p99 == 2ms);
  CHECK(first.lag.max == 3ms);
  CHECK(second.begin == 1s);
  CHECK(second.length == 1500ms);
  CHECK(second.requests == 4);
  CHECK(second.dropped == 7);
  CHECK(test::keys_of(second.times) == std::map<std::int64_t, std::uint64_t>{{20'000, 4}});
}

TEST_CASE("what stands apart is in no chart") {
  Run run;
  run.statistics.record({.method = "GET", .name = "/ [service]", .response_time = 1ms, .apart = true});
  run.timeline.add(run.statistics.take());
  run.look(1s);
  CHECK(run.timeline.slots()[0].requests == 0);
}

TEST_CASE("the rest of a run that is no second long belongs to the slot before") {
  Run run;
  run.requests(10);
  run.look(1s, 5);
  run.requests(1);
  run.look(3ms, 0);
  REQUIRE(run.timeline.slots().size() == 1);
  CHECK(run.timeline.slots()[0].requests == 11);
  CHECK(run.timeline.slots()[0].length.count() == doctest::Approx(1.003));
  CHECK(run.timeline.slots()[0].users == 5);
}

TEST_CASE("a clock that is set back makes no slot of negative length") {
  Run run;
  run.look(5s);
  run.requests(2);
  run.look(-3s);
  CHECK(run.timeline.slots().size() == 1);
  CHECK(run.timeline.slots()[0].requests == 2);
  CHECK(run.timeline.slots()[0].length == 5s);
}

TEST_CASE("a run of a day keeps a bounded number of slots and loses no request") {
  Run run;
  constexpr int seconds = 24 * 3600;
  for (int i = 0; i < seconds; ++i) {
    run.requests(2);
    run.look(1s, i);
  }
  const auto& slots = run.timeline.slots();
  CHECK(slots.size() <= Timeline::max_slots);
  CHECK(slots.size() > Timeline::max_slots / 2 - 1);
  std::uint64_t requests = 0, timed = 0;
  std::chrono::duration<double> end{};
  for (const auto& slot : slots) {
    CHECK(slot.begin == end);
    end += slot.length;
    requests += slot.requests;
    timed += slot.times.total();
  }
  CHECK(end == std::chrono::seconds(seconds));
  CHECK(requests == 2 * seconds);
  CHECK(timed == requests);
  CHECK(slots.back().users == seconds - 1);
}
