#include "worker/command/search/find_max.hpp"

#include "base/bad_value.hpp"
#include "worker/statistics/statistics.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

/// A step in which so many requests took so long, and so many tasks were dropped.
std::string step(FindMax& search, int requests, std::chrono::milliseconds time, int dropped = 0) {
  Statistics statistics;
  for (int i = 0; i < requests; ++i) statistics.record({.method = "GET", .name = "/", .response_time = time});
  for (int i = 0; i < dropped; ++i)
    statistics.record({.method = "DROPPED", .name = "Buyer", .response_time = -1ns, .apart = true});
  search.begin_measuring(std::chrono::system_clock::now());
  search.add(statistics.take());
  return search.end_step();
}

}  // namespace

TEST_CASE("requirements are what has to hold, separated by commas") {
  CHECK(parse_requirements("p95 < 300ms").size() == 1);
  CHECK(parse_requirements("p95(GET /a,b) < 300ms, fail_ratio <= 1%,rps > 5").size() == 3);
  for (const char* wrong :
       {"", ",", "p95 < 300ms,", "p95 < 300", "p95 < 300ms abort", "p95", "p95(a < 300ms, rps > 5"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(parse_requirements(wrong), BadValue);
  }
}

TEST_CASE("a step fails by the requirement that it breaks, and by tasks that are dropped") {
  FindMax search({.requirements = parse_requirements("p95 < 300ms, fail_ratio < 1%"), .step = 10s}, 20);
  CHECK(search.factor() == 1);
  CHECK(search.finding() == "no step was measured to its end");
  CHECK(step(search, 200, 10ms) == "20 tasks/s: all requirements hold");
  CHECK(search.factor() == 2);
  CHECK(step(search, 400, 300ms) == "40 tasks/s: p95 < 300ms: it is 300 ms");
  const double between = search.factor();
  CHECK(between > 1);
  CHECK(between < 2);
  CHECK(step(search, 250, 10ms, 30).ends_with("tasks/s: 30 of 283 tasks were dropped, as no user was free"));
  CHECK(search.found());
  CHECK(search.finding() ==
        "20 tasks/s is the highest rate that held, in 1 steps of 1; 28.3 did not, in 1 (30 of 283 tasks were dropped, "
        "as no user was free). The limit lies between them");
  CHECK(step(search, 0, 0ms).ends_with("there was no request"));
}

TEST_CASE("without anything that holds it says so") {
  FindMax search({.requirements = parse_requirements("max < 5ms"), .step = 1s}, 8);
  while (!search.done()) step(search, 10, 20ms);
  CHECK_FALSE(search.found());
  CHECK(search.finding().starts_with("no rate held; the lowest that was tried is 0.0"));
  CHECK(search.finding().ends_with("(max < 5ms: it is 20 ms)"));
}
