#include "worker/arrivals/arrivals.hpp"

#include "worker/arrivals/dropped_tasks.hpp"
#include "worker/arrivals/intended_start.hpp"
#include "worker/statistics/statistics.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

using clock = Loop::clock;

struct Counted final : Recorder {
  int dropped = 0, apart = 0;
  std::vector<std::chrono::nanoseconds> times;
  void record(const Sample& sample) override {
    if (sample.method == Arrivals::dropped_method) ++dropped;
    if (sample.apart) ++apart;
    times.push_back(sample.response_time);
  }
  void cut_off(std::string_view, std::string_view) override {}
};

/// A user that is busy for so long with each task.
struct FakeUser : Arrivals::Idle {
  FakeUser(Loop& l, Arrivals& a, clock::duration b) : Idle(&FakeUser::begin), loop(l), arrivals(a), busy(b) {
    arrivals.user_is_ready();
    arrivals.wait(*this);
  }
  ~FakeUser() {
    arrivals.leave(*this);
    if (done.armed()) loop.disarm(done);
  }
  static void begin(Idle& idle, clock::time_point due) {
    auto& user = static_cast<FakeUser&>(idle);
    user.begun.push_back(due);
    user.loop.arm(user.done, clock::now() + user.busy);
  }
  struct Done : Timer {
    explicit Done(FakeUser& u) : Timer([](Timer& t) { finish(static_cast<Done&>(t).user); }), user(u) {}
    static void finish(FakeUser& user) { user.arrivals.wait(user); }
    FakeUser& user;
  };

  Loop& loop;
  Arrivals& arrivals;
  clock::duration busy;
  Done done{*this};
  std::vector<clock::time_point> begun;
};

struct Pool {
  explicit Pool(const ArrivalRate& rate, int count = 1, clock::duration busy = 0ms)
      : arrivals(loop, rate, recorder, "Buyer", 7) {
    arrivals.set_part(1, count);
    for (int i = 0; i < count; ++i) users.push_back(std::make_unique<FakeUser>(loop, arrivals, busy));
  }
  /// How long it was in the end, in seconds, by the loop's clock.
  double turn_for(clock::duration duration) {
    loop.poll();
    const auto begin = loop.now();
    while (loop.now() < begin + duration) loop.poll();
    return std::chrono::duration<double>(loop.now() - begin).count();
  }
  double arrived() const { return static_cast<double>(begun()) + recorder.dropped; }
  std::size_t begun() const {
    std::size_t sum = 0;
    for (const auto& user : users) sum += user->begun.size();
    return sum;
  }

  Loop loop;
  Counted recorder;
  Arrivals arrivals;
  std::vector<std::unique_ptr<FakeUser>> users;
};

}  // namespace

TEST_CASE("tasks are due at even intervals, whatever the loop does") {
  Pool pool(1000, 1);
  pool.turn_for(100ms);
  std::this_thread::sleep_for(100ms);  // what was due meanwhile is due as it was
  pool.turn_for(50ms);
  const auto& begun = pool.users[0]->begun;
  REQUIRE(begun.size() > 20);
  for (std::size_t i = 1; i < begun.size(); ++i) {
    const auto gap = begun[i] - begun[i - 1];
    const auto periods = std::round(std::chrono::duration<double>(gap) / 1ms);
    CHECK(std::chrono::abs(gap - clock::duration(1ms) * static_cast<int>(periods)) < 1us);
  }
  // The whole stall came at once, and there was one user: it took one of these, and the others were dropped.
  CHECK(pool.recorder.dropped >= 90);
  CHECK(pool.recorder.apart == pool.recorder.dropped);
  const double expected = std::chrono::duration<double>(pool.loop.now() - begun.front()) / 1ms + 1;
  CHECK(pool.arrived() == doctest::Approx(expected).epsilon(0.01));
}

TEST_CASE("an arrival that finds no user free is dropped") {
  Pool pool(500, 3, 1h);
  pool.turn_for(200ms);
  CHECK(pool.begun() == 3);
  CHECK(pool.recorder.dropped >= 90);
}

TEST_CASE("the user that became free last is taken first") {
  Pool pool(200, 50);
  pool.turn_for(100ms);
  int used = 0;
  for (const auto& user : pool.users) used += user->begun.empty() ? 0 : 1;
  CHECK(pool.begun() >= 15);
  CHECK(used < 15);  // one, unless this program was held up
}

TEST_CASE("the rate grows with the users that are ready, and begins with the first") {
  Pool pool(2000, 0);
  pool.arrivals.set_part(1, 4);
  pool.turn_for(30ms);
  CHECK(pool.arrived() == 0);
  pool.users.push_back(std::make_unique<FakeUser>(pool.loop, pool.arrivals, 0ms));
  const double alone = pool.turn_for(200ms);
  const double first = pool.arrived();
  CHECK(first == doctest::Approx(500 * alone).epsilon(0.05));
  for (int i = 0; i < 3; ++i) pool.users.push_back(std::make_unique<FakeUser>(pool.loop, pool.arrivals, 0ms));
  const double together = pool.turn_for(200ms);
  CHECK(pool.arrived() - first == doctest::Approx(2000 * together).epsilon(0.05));
}

TEST_CASE("a part that changes changes what is to come, and nothing else") {
  Pool pool(1000, 5);
  double expected = 0;
  for (const double part : {0.5, 0.25, 1.0, 0.1, 0.75, 0.0, 1.0}) {
    pool.arrivals.set_part(part, 5);
    expected += pool.turn_for(40ms) * 1000 * part;
  }
  CHECK(pool.arrived() == doctest::Approx(expected).epsilon(0.06));
}

TEST_CASE("parts that change without end do not keep arrivals from coming") {
  Pool pool(100, 2);
  const auto begin = clock::now();
  do {
    pool.arrivals.set_part(1, 2);
    pool.loop.poll();
  } while (pool.loop.now() < begin + 300ms);
  const double passed = std::chrono::duration<double>(pool.loop.now() - begin).count();
  CHECK(pool.arrived() == doctest::Approx(100 * passed).epsilon(0.08));
}

TEST_CASE("poisson arrivals have the rate on average, and gaps as by chance") {
  Pool pool(ArrivalRate(5000).poisson(), 500);
  const double passed = pool.turn_for(1s);
  CHECK(pool.arrived() == doctest::Approx(5000 * passed).epsilon(0.06));
  std::vector<clock::time_point> begun;
  for (const auto& user : pool.users) begun.insert(begun.end(), user->begun.begin(), user->begun.end());
  std::ranges::sort(begun);
  double sum = 0, squares = 0;
  for (std::size_t i = 1; i < begun.size(); ++i) {
    const double gap = std::chrono::duration<double>(begun[i] - begun[i - 1]).count();
    sum += gap;
    squares += gap * gap;
  }
  if (pool.recorder.dropped > 0) return;  // this program was held up, and gaps are missing
  const auto gaps = static_cast<double>(begun.size() - 1);
  const double mean = sum / gaps, deviation = std::sqrt(squares / gaps - mean * mean);
  CHECK(deviation / mean == doctest::Approx(1).epsilon(0.1));
}

TEST_CASE("a seed decides when arrivals are due") {
  const auto first_gap = [](std::uint64_t seed) {
    Pool pool(ArrivalRate(1000).poisson(), 0);
    pool.arrivals.begin_test(seed);
    pool.arrivals.set_part(1, 20);
    for (int i = 0; i < 20; ++i) pool.users.push_back(std::make_unique<FakeUser>(pool.loop, pool.arrivals, 1h));
    while (pool.begun() < 2) pool.loop.poll();
    std::vector<clock::time_point> due;
    for (const auto& user : pool.users) due.insert(due.end(), user->begun.begin(), user->begun.end());
    std::ranges::sort(due);
    return std::chrono::duration<double>(due[1] - due[0]) / 1ms;
  };
  CHECK(first_gap(1) == doctest::Approx(first_gap(1)).epsilon(1e-3));
  CHECK(first_gap(1) != doctest::Approx(first_gap(2)).epsilon(1e-3));
}

TEST_CASE("another test begins anew") {
  Pool pool(1000, 2);
  pool.turn_for(20ms);
  CHECK(pool.arrived() > 10);
  pool.arrivals.begin_test();
  const double before = pool.arrived();
  pool.turn_for(20ms);
  CHECK(pool.arrived() == before);
}

TEST_CASE("the first request of a task counts from when it was due") {
  Counted counted, service;
  IntendedStart intended(counted, service, true);
  intended.task_begins(5ms);
  intended.record({.method = "GET", .name = "/", .response_time = 10ms});
  intended.record({.method = "GET", .name = "/", .response_time = 10ms});
  intended.task_begins(3ms);
  intended.record({.method = "GET", .name = "/", .response_time = -1ns});
  intended.record({.method = "GET", .name = "/", .response_time = 1ms});
  CHECK(counted.times == std::vector<std::chrono::nanoseconds>{15ms, 10ms, -1ns, 1ms});
  CHECK(service.times == std::vector<std::chrono::nanoseconds>{10ms, 10ms, 1ms});
  CHECK(service.apart == 3);
  CHECK(counted.apart == 0);
}

TEST_CASE("entries apart are in no total, and are not taken for others of the same name") {
  Statistics statistics;
  statistics.record({.method = "GET", .name = "/", .response_time = 1ms});
  statistics.record({.method = "GET", .name = "/", .response_time = 1ms, .apart = true});
  statistics.record({.method = "DROPPED", .name = "Buyer", .response_time = -1ns, .apart = true});
  StatisticsDelta delta = statistics.take();
  CHECK(delta.entries.size() == 3);
  CHECK(delta.total().num_requests == 1);
  Statistics merged;
  merged.merge(std::move(delta));
  const StatisticsDelta again = merged.take();
  CHECK(again.entries.size() == 3);
  CHECK(again.total().num_requests == 1);
  DroppedTasks dropped;
  CHECK(dropped.to_text().empty());
  dropped.add(again);
  CHECK(dropped.to_text() == "1 task was dropped, as no user was free: Buyer 1");
  CHECK(dropped.take_warning());
  CHECK_FALSE(dropped.take_warning());
}
