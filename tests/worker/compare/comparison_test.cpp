#include "worker/compare/comparison.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>

using namespace katydid::compare;

namespace {

struct World {
  double seconds = 60, rate = 100;
  double spread = 0.4;  // of the logarithm of a response time
  double drift = 0.05;  // of what all requests of a second share
  double memory = 0;    // how much of that lasts until the next second
  double between = 0;   // of what all requests of a run share
  double slower = 1, failing = 0.01;
  double middle = 24;  // milliseconds
};

double two_digits(double time) {
  const double unit = std::pow(10, std::floor(std::log10(time)) - 1);
  return std::round(time / unit) * unit;
}

void add(Series& series, Interval interval) {
  for (const auto& [time, count] : interval.times) series.times[time] += count;
  series.requests += interval.requests;
  series.milliseconds += interval.milliseconds;
  series.intervals.push_back(std::move(interval));
}

/// Users that wait: the slower the answers, the fewer the requests.
Run run_of(const World& world, std::mt19937_64& chance) {
  std::normal_distribution<double> normal;
  Run run{.file = "generated", .seconds = world.seconds};
  const double of_run = world.between * normal(chance);
  double shared = world.drift * normal(chance);
  for (double second = 0; second < world.seconds; ++second) {
    shared = world.memory * shared + std::sqrt(1 - world.memory * world.memory) * world.drift * normal(chance);
    const double middle = world.middle * world.slower * std::exp(shared + of_run);
    Interval interval{.begin = second, .length = 1};
    interval.requests = std::poisson_distribution<std::uint64_t>(world.rate * 124 / (100 + middle))(chance);
    for (std::uint64_t i = 0; i < interval.requests; ++i) {
      const double time = middle * std::exp(world.spread * normal(chance));
      ++interval.times[two_digits(time)];
      interval.milliseconds += time;
      interval.failures += std::bernoulli_distribution(world.failing)(chance) ? 1 : 0;
    }
    interval.timed = interval.requests;
    add(run.total, std::move(interval));
  }
  return run;
}

Side side_of(const World& world, int runs, std::mt19937_64& chance) {
  Side side;
  for (int i = 0; i < runs; ++i) side.push_back(run_of(world, chance));
  return side;
}

/// Of 100 pairs, how many have a figure that is said to differ.
double alarms(const World& before, const World& after, int pairs, int runs = 1) {
  std::mt19937_64 chance(20);
  int found = 0;
  for (int i = 0; i < pairs; ++i) {
    const Comparison comparison = compare(side_of(before, runs, chance), side_of(after, runs, chance));
    found += comparison.with(Verdict::worse).empty() && comparison.with(Verdict::better).empty() ? 0 : 1;
  }
  return 100.0 * found / pairs;
}

double found_worse(const World& before, Measure measure, const World& after, int pairs, int runs = 1) {
  std::mt19937_64 chance(21);
  int found = 0;
  for (int i = 0; i < pairs; ++i) {
    const Comparison comparison = compare(side_of(before, runs, chance), side_of(after, runs, chance));
    found += std::ranges::any_of(comparison.with(Verdict::worse),
                                 [&](const auto& each) { return each.second->measure == measure; });
  }
  return 100.0 * found / pairs;
}

}  // namespace

TEST_CASE("two runs of the same are the same, in 95 of 100 pairs") {
  for (const double memory : {0.0, 0.5, 0.8}) {
    for (const double seconds : {20.0, 60.0}) {
      if (memory == 0.8 && seconds == 20) continue;  // two times what its noise lasts: nobody can tell from so little
      CAPTURE(memory);
      CAPTURE(seconds);
      const World world{.seconds = seconds, .memory = memory};
      const double seen = alarms(world, world, 400);
      MESSAGE("memory " << memory << ", " << seconds << " s: " << seen << " alarms of 100");
      CHECK(seen <= 5);
    }
  }
}

TEST_CASE("so are several runs a side that differ by more than their seconds tell") {
  const World world{.seconds = 30, .memory = 0.5, .between = 0.04};
  for (const int runs : {3, 5}) {
    const double seen = alarms(world, world, 200, runs);
    MESSAGE(runs << " runs a side: " << seen << " alarms of 100");
    CHECK(seen <= 5);
  }
}

TEST_CASE("rounding to two digits alone is no difference") {
  // All requests take 10.4 ms or 10.6 ms: 10 and 11 are what is seen of them.
  const World before{.spread = 0.001, .drift = 0.001, .middle = 10.4};
  World after = before;
  after.middle = 10.6;
  std::mt19937_64 chance(5);
  const Comparison comparison = compare(side_of(before, 1, chance), side_of(after, 1, chance));
  for (const Change& change : comparison.entries.front().changes) {
    const bool rounded =
        change.measure == Measure::p50 || change.measure == Measure::p95 || change.measure == Measure::p99;
    if (rounded) CHECK(change.verdict == Verdict::same);
    if (change.measure == Measure::mean) CHECK(change.change == doctest::Approx(10.6 / 10.4 - 1).epsilon(0.05));
  }
}

TEST_CASE("5 % are found where they are") {
  const World before{.seconds = 60, .memory = 0.3};
  World after = before;
  after.slower = 1.05;
  for (const Measure measure : {Measure::mean, Measure::p50}) {
    const double seen = found_worse(before, measure, after, 200);
    MESSAGE(std::string(name_of(measure)) << ": found in " << seen << " of 100");
    CHECK(seen >= 30);  // of one minute each
  }
  struct Found {
    Measure measure;
    double seconds, least;
  };
  for (const auto& [measure, seconds, least] : {Found{Measure::mean, 60, 95}, Found{Measure::p50, 60, 85},
                                                Found{Measure::p50, 120, 98}, Found{Measure::p95, 240, 95}}) {
    const World calm{.seconds = seconds, .drift = 0.02, .memory = 0.3};
    World slower = calm;
    slower.slower = 1.05;
    const double seen = found_worse(calm, measure, slower, 100);
    MESSAGE(std::string(name_of(measure)) << ", calm, " << seconds << " s: found in " << seen << " of 100");
    CHECK(seen >= least);
  }
  World failing = before;
  failing.failing = 0.06;
  CHECK(found_worse(before, Measure::failures, failing, 100) >= 95);
}

TEST_CASE("intervals hold the truth") {
  const World before{.seconds = 60, .memory = 0.5};
  World after = before;
  after.slower = 1.2;
  std::mt19937_64 chance(9);
  int missed = 0;
  for (int i = 0; i < 200; ++i) {
    const Comparison comparison = compare(side_of(before, 1, chance), side_of(after, 1, chance));
    missed += std::ranges::any_of(comparison.entries.front().changes, [](const Change& each) {
      const bool time = each.measure != Measure::rate && each.measure != Measure::failures;
      return time && (each.low > 0.2 || each.high < 0.2);
    });
  }
  CHECK(missed <= 10);
}

TEST_CASE("what can't be judged says why") {
  const World brief{.seconds = 4};
  std::mt19937_64 chance(1);
  const Comparison comparison = compare(side_of(brief, 1, chance), side_of(brief, 1, chance));
  CHECK(comparison.verdict() == Verdict::unknown);
  for (const Change& change : comparison.entries.front().changes) CHECK(!change.why_unknown.empty());
}

TEST_CASE("names of one side, lengths and loads are told") {
  std::mt19937_64 chance(1);
  const World world;
  Side before = side_of(world, 1, chance);
  Side after = side_of({.seconds = 30, .rate = 50}, 1, chance);
  before[0].names["GET /"] = before[0].total;
  before[0].names["GET /old"] = before[0].total;
  after[0].names["GET /"] = after[0].total;
  after[0].names["GET /new"] = after[0].total;
  const Comparison comparison = compare(before, after);
  REQUIRE(comparison.entries.size() == 2);
  CHECK(comparison.entries[1].name == "GET /");
  REQUIRE(comparison.notes.size() == 4);
  CHECK(comparison.notes[0] == "The runs differ in length: 60 s before, 30 s after.");
  CHECK(comparison.notes[1].starts_with("The runs differ in load: "));
  CHECK(comparison.notes[2] == "GET /old: only in the runs before.");
  CHECK(comparison.notes[3] == "GET /new: only in the runs after.");
}
