#include "worker/statistics/statistics.hpp"

#include "base/phases.hpp"
#include "tests/worker/statistics/support.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace katydid;
using namespace std::chrono_literals;
using katydid::test::keys_of;
using katydid::test::ManualTime;

namespace {

const EntryCounts& only_entry(const StatisticsDelta& delta) {
  REQUIRE(delta.entries.size() == 1);
  return delta.entries.front().counts;
}

}  // namespace

TEST_CASE("an entry counts what Locust counts") {
  ManualTime time;
  Statistics statistics(time.options());
  const WallTime start = time.wall;
  statistics.record({.method = "GET", .name = "/", .response_time = 370'400ns, .response_length = 10});
  time.advance(700ms);
  statistics.record({.method = "GET", .name = "/", .response_time = 25ms, .response_length = 5, .error = "404"});
  time.advance(400ms);
  statistics.record({.method = "GET", .name = "/", .response_time = 8ms, .response_length = 1});
  statistics.record({.method = "GET", .name = "/", .response_time = -1ns, .response_length = 1});

  const StatisticsDelta delta = statistics.take();
  const EntryCounts& counts = only_entry(delta);
  CHECK(delta.entries.front().key->method == "GET");
  CHECK(delta.entries.front().key->name == "/");
  CHECK(counts.num_requests == 4);
  CHECK(counts.num_none_requests == 1);
  CHECK(counts.num_failures == 1);
  CHECK(counts.total_content_length == 17);
  CHECK(counts.total_response_time == 33'370'400ns);
  CHECK(counts.min_response_time == 370'400ns);
  CHECK(counts.max_response_time == 25ms);
  CHECK(counts.start_time == start);
  CHECK(counts.last_request == start + 1100ms);
  CHECK(keys_of(counts.response_times) == std::map<std::int64_t, std::uint64_t>{{370, 1}, {8000, 1}, {25'000, 1}});
  REQUIRE(counts.seconds.size() == 2);
  CHECK(counts.seconds[0].second == std::chrono::sys_seconds(1'790'000'000s));
  CHECK(counts.seconds[0].requests == 2);
  CHECK(counts.seconds[0].failures == 1);
  CHECK(counts.seconds[1].requests == 2);
  CHECK(counts.seconds[1].failures == 0);
  CHECK(delta.taken == start + 1100ms);

  REQUIRE(delta.errors.size() == 1);
  CHECK(delta.errors[0].key->text == "404");
  CHECK(delta.errors[0].key->request->name == "/");
  CHECK(delta.errors[0].counts.occurrences == 1);
  CHECK(delta.errors[0].counts.first_seen == start + 700ms);
}

TEST_CASE("the rounding is that of the options") {
  ManualTime time;
  Statistics statistics(time.options(Rounding::locust));
  statistics.record({.method = "GET", .name = "/", .response_time = 370us});
  statistics.record({.method = "GET", .name = "/", .response_time = 1600us});
  const StatisticsDelta delta = statistics.take();
  CHECK(keys_of(only_entry(delta).response_times) == std::map<std::int64_t, std::uint64_t>{{0, 1}, {2000, 1}});
  CHECK(only_entry(delta).total_response_time == 1970us);
}

TEST_CASE("methods and names are told apart") {
  Statistics statistics;
  for (std::string_view method : {"GET", "POST"}) {
    for (std::string_view name : {"/a", "/b", ""}) statistics.record({.method = method, .name = name});
  }
  statistics.record({.method = "GET/", .name = "a"});
  statistics.record({.method = "GET", .name = "/a"});
  CHECK(statistics.take().entries.size() == 7);
}

TEST_CASE("errors are told apart by request and text, in the order of their coming") {
  ManualTime time;
  Statistics statistics(time.options());
  const auto fail = [&](std::string_view name, std::string_view error) {
    statistics.record({.method = "GET", .name = name, .error = error});
    time.advance(1s);
  };
  const WallTime start = time.wall;
  fail("/b", "refused");
  fail("/a", "refused");
  fail("/b", "timed out");
  fail("/b", "refused");
  const StatisticsDelta delta = statistics.take();
  REQUIRE(delta.errors.size() == 3);
  CHECK(delta.errors[0].key->request->name == "/b");
  CHECK(delta.errors[0].counts.occurrences == 2);
  CHECK(delta.errors[0].counts.first_seen == start);
  CHECK(delta.errors[0].counts.last_seen == start + 3s);
  CHECK(delta.errors[1].key->request->name == "/a");
  CHECK(delta.errors[2].key->text == "timed out");
  CHECK(statistics.take().errors.empty());
  fail("/b", "refused");
  const StatisticsDelta next = statistics.take();
  REQUIRE(next.errors.size() == 1);
  CHECK(next.errors[0].counts.occurrences == 1);
  CHECK(next.errors[0].counts.first_seen == start + 4s);
}

TEST_CASE("take() leaves nothing behind, and the same names go on from 0") {
  ManualTime time;
  Statistics statistics(time.options());
  statistics.record({.method = "GET", .name = "/", .response_time = 5ms, .error = "x"});
  const StatisticsDelta first = statistics.take();
  CHECK(statistics.take().empty());
  time.advance(3s);
  statistics.record({.method = "GET", .name = "/", .response_time = 7ms});
  const StatisticsDelta second = statistics.take();
  CHECK(only_entry(second).num_requests == 1);
  CHECK(only_entry(second).num_failures == 0);
  CHECK(only_entry(second).min_response_time == 7ms);
  CHECK(only_entry(second).start_time == time.wall);
  CHECK(only_entry(second).response_times.total() == 1);
  CHECK(second.entries[0].key == first.entries[0].key);
}

TEST_CASE("reset() forgets everything, but not what was handed over") {
  Statistics statistics;
  statistics.record({.method = "GET", .name = "/", .error = "x"});
  const StatisticsDelta taken = statistics.take();
  statistics.record({.method = "GET", .name = "/", .error = "x"});
  statistics.cut_off("GET", "/");
  statistics.reset();
  CHECK(statistics.take().empty());
  CHECK(taken.errors[0].key->request->name == "/");
  statistics.record({.method = "GET", .name = "/", .error = "x"});
  CHECK(only_entry(statistics.take()).num_requests == 1);
}

TEST_CASE("the wall clock is followed, also when it is set back") {
  ManualTime time;
  Statistics statistics(time.options());
  const auto record = [&] { statistics.record({.method = "GET", .name = "/"}); };
  record();
  time.wall -= 10s;
  time.advance(500ms);
  record();  // the second that had begun is finished by the old time
  time.advance(600ms);
  record();
  const StatisticsDelta delta = statistics.take();
  const EntryCounts& counts = only_entry(delta);
  REQUIRE(counts.seconds.size() == 2);
  CHECK(counts.seconds[0].second == std::chrono::sys_seconds(1'789'999'991s));
  CHECK(counts.seconds[0].requests == 1);
  CHECK(counts.seconds[1].second == std::chrono::sys_seconds(1'790'000'000s));
  CHECK(counts.seconds[1].requests == 2);
}

TEST_CASE("the wall clock is read once a second, not with each request") {
  ManualTime time;
  int reads = 0;
  StatisticsOptions options = time.options();
  options.wall_clock = [&] { return ++reads, time.wall; };
  Statistics statistics(options);
  for (int i = 0; i < 3000; ++i) {
    statistics.record({.method = "GET", .name = "/"});
    time.advance(1ms);
  }
  CHECK(reads == 3);
}

TEST_CASE("phases are entries apart, where they are asked for") {
  ManualTime time;
  const Phases phases{.connect = 3ms, .request_sent = 0ns, .first_byte = 20ms};
  const Sample sample{.method = "GET", .name = "/a", .response_time = 25ms, .error = "x", .phases = &phases};
  Statistics without(time.options());
  without.record(sample);
  CHECK(without.take().entries.size() == 1);

  StatisticsOptions options = time.options();
  options.report_phases = true;
  Statistics statistics(options);
  for (int i = 0; i < 3; ++i) statistics.record(sample);
  Sample view = sample;
  view.apart = true;
  view.name = "/a [service]";
  statistics.record(view);
  const StatisticsDelta delta = statistics.take();
  CHECK(delta.total().num_requests == 3);
  CHECK(delta.total().num_failures == 3);
  std::map<std::string, const EntryCounts*> entries;
  for (const auto& entry : delta.entries) {
    CHECK(entry.key->apart == (entry.key->name != "/a"));
    entries[entry.key->name] = &entry.counts;
  }
  REQUIRE(entries.size() == 5);
  CHECK(entries["/a [connect]"]->total_response_time == 9ms);
  CHECK(entries["/a [request sent]"]->num_requests == 3);
  CHECK(entries["/a [first byte]"]->max_response_time == 20ms);
  CHECK(entries["/a [first byte]"]->num_failures == 0);
  CHECK(entries["/a [service]"]->num_requests == 1);
}

TEST_CASE("beyond the bound of names, phases are no requests either") {
  ManualTime time;
  StatisticsOptions options = time.options();
  options.max_names = 10;
  options.report_phases = true;
  Statistics statistics(options), control(time.options());
  const Phases phases{.first_byte = 20ms};
  for (int i = 0; i < 50; ++i)
    statistics.record({.method = "GET", .name = "/" + std::to_string(i), .response_time = 1ms, .phases = &phases});
  std::uint64_t apart = 0;
  StatisticsDelta delta = statistics.take();
  CHECK(delta.total().num_requests == 50);
  for (const auto& entry : delta.entries) apart += entry.key->apart ? entry.counts.num_requests : 0;
  CHECK(apart == 50);
  CHECK(statistics.take_warning());
  CHECK_FALSE(statistics.take_warning());
  control.merge(std::move(delta));
  CHECK(control.take().total().num_requests == 50);
}

TEST_CASE("names beyond the bound are counted under one, with one warning") {
  ManualTime time;
  StatisticsOptions options = time.options();
  options.max_names = 100;
  Statistics statistics(options);
  std::uint64_t overflowed = 0;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 150; ++i) {
      statistics.record({.method = "GET", .name = "/" + std::to_string(i), .response_time = 1ms, .error = "x"});
    }
    const StatisticsDelta delta = statistics.take();
    CHECK(delta.entries.size() == 101);
    CHECK(delta.total().num_requests == 150);
    CHECK(delta.total().num_failures == 150);
    for (const auto& entry : delta.entries) {
      if (entry.key->name == "(more than 100 names)") overflowed += entry.counts.num_requests;
    }
    CHECK(delta.errors.size() == 101);
  }
  CHECK(overflowed == 150);
  const auto warning = statistics.take_warning();
  REQUIRE(warning);
  CHECK(warning->find("100 different request names") != std::string::npos);
  CHECK(warning->find(statistics.overflow_name()) != std::string::npos);
  CHECK_FALSE(statistics.take_warning());
  statistics.reset();
  statistics.record({.method = "GET", .name = "/149"});
  CHECK(statistics.take().entries.at(0).key->name == "/149");
}

TEST_CASE("errors beyond the bound are counted under one for each request, with one warning") {
  StatisticsOptions options;
  options.max_errors = 10;
  Statistics statistics(options);
  for (int i = 0; i < 40; ++i) {
    statistics.record({.method = "GET", .name = i % 2 ? "/a" : "/b", .error = "id " + std::to_string(i)});
  }
  statistics.record({.method = "GET", .name = "/a", .error = "id 1"});
  const StatisticsDelta delta = statistics.take();
  REQUIRE(delta.errors.size() == 12);
  std::map<std::string, std::uint64_t> overflowed;
  for (const auto& error : delta.errors) {
    if (error.key->text == statistics.overflow_error()) overflowed[error.key->request->name] = error.counts.occurrences;
  }
  CHECK(overflowed == std::map<std::string, std::uint64_t>{{"/a", 15}, {"/b", 15}});
  CHECK(statistics.take_warning().value_or("").find("10 different errors") != std::string::npos);
  CHECK_FALSE(statistics.take_warning());
}

TEST_CASE("the first error beyond the bound is warned of") {
  StatisticsOptions options;
  options.max_errors = 1;
  Statistics statistics(options);
  statistics.record({.method = "GET", .name = "/", .error = "first"});
  CHECK_FALSE(statistics.take_warning());
  statistics.record({.method = "GET", .name = "/", .error = "second"});
  CHECK(statistics.take_warning());
}

TEST_CASE("the bounds hold across shards, and the overflow of shards is merged") {
  StatisticsOptions options;
  options.max_names = 10;
  options.max_errors = 5;
  Statistics shard_a(options), shard_b(options), control(options);
  for (int i = 0; i < 20; ++i) {
    shard_a.record({.method = "GET", .name = "/a" + std::to_string(i), .error = "a" + std::to_string(i)});
    shard_b.record({.method = "GET", .name = "/b" + std::to_string(i), .error = "b" + std::to_string(i)});
  }
  control.merge(shard_a.take());
  control.merge(shard_b.take());
  const StatisticsDelta delta = control.take();
  CHECK(delta.total().num_requests == 40);
  CHECK(delta.entries.size() == 11);
  std::uint64_t failures = 0, texts = 0;
  for (const auto& error : delta.errors) {
    failures += error.counts.occurrences;
    texts += error.key->text != control.overflow_error();
  }
  CHECK(failures == 40);
  CHECK(texts == 5);
  CHECK(control.take_warning());
  CHECK(control.take_warning());
  CHECK_FALSE(control.take_warning());
}

TEST_CASE("long texts are cut between characters, and counted together") {
  StatisticsOptions options;
  options.max_text_bytes = 21;  // in the middle of a character, with the ellipsis
  Statistics statistics(options);
  const std::string name = "/äöüäöüäöüäöü";  // 25 bytes
  statistics.record({.method = "GET", .name = name, .error = name + "!"});
  statistics.record({.method = "GET", .name = name + "?", .error = name + "?"});
  statistics.record({.method = "GET", .name = "/äöüäöüäöü"});  // 19
  const StatisticsDelta delta = statistics.take();
  REQUIRE(delta.entries.size() == 2);
  CHECK(delta.entries[0].key->name == "/äöüäöüäö…");
  CHECK(delta.entries[0].counts.num_requests == 2);
  CHECK(delta.entries[1].key->name == "/äöüäöüäöü");
  REQUIRE(delta.errors.size() == 1);
  CHECK(delta.errors[0].key->text == "/äöüäöüäö…");
  CHECK(delta.errors[0].counts.occurrences == 2);
}

TEST_CASE("texts that are not UTF-8 are repaired, so that they stay distinct keys at the master") {
  Statistics statistics;
  statistics.record({.method = "GET", .name = "/\xff", .error = "\xfe"});
  statistics.record({.method = "GET", .name = "/\xfe", .error = "\xff"});
  const StatisticsDelta delta = statistics.take();
  CHECK(only_entry(delta).num_requests == 2);
  CHECK(delta.entries[0].key->name == "/\uFFFD");
  REQUIRE(delta.errors.size() == 1);
  CHECK(delta.errors[0].counts.occurrences == 2);
}

TEST_CASE("requests that were cut off are no samples") {
  Statistics statistics;
  statistics.cut_off("GET", "/hello");
  statistics.cut_off("GET", "/hello");
  statistics.record({.method = "GET", .name = "/other"});
  Statistics control;
  control.merge(statistics.take());
  const StatisticsDelta delta = control.take();
  CHECK(only_entry(delta).num_requests == 1);
  CHECK(delta.entries[0].key->name == "/other");
  REQUIRE(delta.cut_off.size() == 1);
  CHECK(delta.cut_off[0].key->name == "/hello");
  CHECK(delta.cut_off[0].requests == 2);
  CHECK(statistics.take().empty());
}

TEST_CASE("what several shards counted is added up by key") {
  ManualTime time;
  Statistics a(time.options()), b(time.options()), control(time.options());
  a.record({.method = "GET", .name = "/1", .response_time = 1ms, .error = "x"});
  time.advance(2s);
  b.record({.method = "GET", .name = "/1", .response_time = 3ms, .error = "x"});
  b.record({.method = "GET", .name = "/2", .response_time = 3ms});
  control.merge(b.take());
  control.merge(a.take());
  control.merge({});
  const StatisticsDelta sum = control.take();
  REQUIRE(sum.entries.size() == 2);
  CHECK(sum.entries[0].counts.num_requests == 2);
  CHECK(sum.entries[0].counts.min_response_time == 1ms);
  CHECK(sum.entries[0].counts.max_response_time == 3ms);
  CHECK(sum.entries[0].counts.start_time == time.wall - 2s);
  CHECK(sum.entries[0].counts.last_request == time.wall);
  CHECK(sum.entries[0].counts.seconds.size() == 2);
  REQUIRE(sum.errors.size() == 1);
  CHECK(sum.errors[0].counts.occurrences == 2);
  CHECK(sum.errors[0].counts.first_seen == time.wall - 2s);
  CHECK(sum.errors[0].counts.last_seen == time.wall);
}
