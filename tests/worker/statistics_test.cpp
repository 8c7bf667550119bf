#include "worker/statistics.hpp"

#include "tests/worker/manual_time.hpp"

#include <doctest/doctest.h>

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <random>
#include <thread>

using namespace katydid;
using namespace std::chrono_literals;
using katydid::test::ManualTime;

namespace {

const EntryCounts& only_entry(const StatisticsDelta& delta) {
  REQUIRE(delta.entries.size() == 1);
  return delta.entries.front().counts;
}

std::map<std::int64_t, std::uint64_t> keys_of(const Histogram& histogram) {
  std::map<std::int64_t, std::uint64_t> keys;
  histogram.for_each([&](std::chrono::microseconds key, std::uint64_t count) { keys[key.count()] += count; });
  return keys;
}

void check_equal(const EntryCounts& a, const EntryCounts& b) {
  CHECK(a.num_requests == b.num_requests);
  CHECK(a.num_none_requests == b.num_none_requests);
  CHECK(a.num_failures == b.num_failures);
  CHECK(a.total_content_length == b.total_content_length);
  CHECK(a.total_response_time == b.total_response_time);
  CHECK(a.min_response_time == b.min_response_time);
  CHECK(a.max_response_time == b.max_response_time);
  CHECK(a.start_time == b.start_time);
  CHECK(a.last_request == b.last_request);
  CHECK(keys_of(a.response_times) == keys_of(b.response_times));
  REQUIRE(a.seconds.size() == b.seconds.size());
  for (std::size_t i = 0; i < a.seconds.size(); ++i) {
    CHECK(a.seconds[i].second == b.seconds[i].second);
    CHECK(a.seconds[i].requests == b.seconds[i].requests);
    CHECK(a.seconds[i].failures == b.seconds[i].failures);
  }
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
  options.max_text_bytes = 20;
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

TEST_CASE("deltas merge by key") {
  ManualTime time;
  Statistics a(time.options()), b(time.options());
  a.record({.method = "GET", .name = "/1", .response_time = 1ms, .error = "x"});
  time.advance(2s);
  b.record({.method = "GET", .name = "/1", .response_time = 3ms, .error = "x"});
  b.record({.method = "GET", .name = "/2", .response_time = 3ms});
  b.cut_off("GET", "/2");
  StatisticsDelta sum;
  sum.merge(a.take());
  sum.merge(b.take());
  sum.merge({});
  REQUIRE(sum.entries.size() == 2);
  CHECK(sum.entries[0].counts.num_requests == 2);
  CHECK(sum.entries[0].counts.seconds.size() == 2);
  CHECK(sum.errors.size() == 1);
  CHECK(sum.errors[0].counts.occurrences == 2);
  CHECK(sum.cut_off.size() == 1);
  CHECK(sum.taken == time.wall);
}

TEST_CASE("the total is what one entry for everything would have counted") {
  ManualTime time;
  Statistics by_name(time.options()), together(time.options());
  std::mt19937_64 random(4);
  for (int i = 0; i < 5000; ++i) {
    const std::string name = "/" + std::to_string(random() % 30);
    Sample sample{.method = random() % 2 ? "GET" : "POST",
                  .name = name,
                  .response_time = std::chrono::nanoseconds(random() >> (27 + random() % 30)),
                  .response_length = random() % 1000,
                  .error = random() % 5 ? "" : "x"};
    if (random() % 20 == 0) sample.response_time = -1ns;
    by_name.record(sample);
    sample.method = sample.name = "";
    together.record(sample);
    time.advance(std::chrono::nanoseconds(random() % 5'000'000));
  }
  const StatisticsDelta whole = together.take();
  check_equal(by_name.take().total(), only_entry(whole));
}

namespace {

/// Requests, failures and cut-off requests by key, the time and bytes in total.
struct Ledger {
  std::map<std::pair<std::string, std::string>, std::array<std::uint64_t, 4>> requests;
  std::map<std::tuple<std::string, std::string, std::string>, std::uint64_t> errors;
  std::map<std::int64_t, std::array<std::uint64_t, 2>> seconds;
  std::map<std::int64_t, std::uint64_t> keys;
  std::uint64_t nanoseconds = 0, bytes = 0;

  void add(const StatisticsDelta& delta) {
    for (const auto& [key, counts] : delta.entries) {
      auto& line = requests[{key->method, key->name}];
      line[0] += counts.num_requests;
      line[1] += counts.num_failures;
      line[2] += counts.num_none_requests;
      nanoseconds += counts.total_response_time.count();
      bytes += counts.total_content_length;
      for (const auto& second : counts.seconds) {
        seconds[second.second.time_since_epoch().count()][0] += second.requests;
        seconds[second.second.time_since_epoch().count()][1] += second.failures;
      }
      for (const auto& [histogram_key, count] : keys_of(counts.response_times)) keys[histogram_key] += count;
    }
    for (const auto& [key, counts] : delta.errors) {
      errors[{key->request->method, key->request->name, key->text}] += counts.occurrences;
    }
    for (const auto& cut_off : delta.cut_off) requests[{cut_off.key->method, cut_off.key->name}][3] += cut_off.requests;
  }
  bool operator==(const Ledger&) const = default;
};

}  // namespace

TEST_CASE("whatever is taken, merged, lost on the way and merged back: nothing is lost or counted twice") {
  for (unsigned seed = 0; seed < 30; ++seed) {
    ManualTime time;
    std::mt19937_64 random(seed);
    std::deque<Statistics> shards;
    for (int i = 0; i < 4; ++i) shards.emplace_back(time.options());
    Statistics control(time.options());
    Ledger expected, reported;
    const auto report = [&](bool sent) {
      StatisticsDelta delta = control.take();
      if (sent) {
        reported.add(delta);
      } else {
        control.merge(std::move(delta));
      }
    };
    for (int step = 0; step < 4000; ++step) {
      Statistics& shard = shards[random() % shards.size()];
      const std::string method = random() % 2 ? "GET" : "POST", name = "/" + std::to_string(random() % 12);
      const auto what = random() % 100;
      if (what < 85) {
        const std::string error = random() % 4 ? "" : "error " + std::to_string(random() % 5);
        Sample sample{.method = method,
                      .name = name,
                      .response_time = std::chrono::nanoseconds(random() >> (26 + random() % 30)),
                      .response_length = random() % 5000,
                      .error = error};
        if (random() % 30 == 0) sample.response_time = -1ns;
        shard.record(sample);
        auto& line = expected.requests[{method, name}];
        auto& second = expected.seconds[std::chrono::floor<std::chrono::seconds>(time.wall).time_since_epoch().count()];
        ++line[0];
        ++second[0];
        if (!error.empty()) {
          ++line[1];
          ++second[1];
          ++expected.errors[{method, name, error}];
        }
        if (sample.response_time < 0ns) {
          ++line[2];
        } else {
          expected.nanoseconds += static_cast<std::uint64_t>(sample.response_time.count());
          ++expected.keys[slot_key(slot_of(sample.response_time, Rounding::fine)).count()];
        }
        expected.bytes += sample.response_length;
      } else if (what < 90) {
        shard.cut_off(method, name);
        ++expected.requests[{method, name}][3];
      } else if (what < 96) {
        control.merge(shard.take());
      } else {
        report(random() % 2);
      }
      time.advance(std::chrono::nanoseconds(random() % 20'000'000));
    }
    for (Statistics& shard : shards) control.merge(shard.take());
    report(true);
    REQUIRE(expected == reported);
  }
}

TEST_CASE("with bounds reached everywhere the totals are still exact") {
  StatisticsOptions options;
  options.max_names = 20;
  options.max_errors = 10;
  options.max_text_bytes = 12;
  std::mt19937_64 random(9);
  Statistics shard(options), control(options);
  std::uint64_t requests = 0, failures = 0, errors = 0, bytes = 0, counted = 0, failed = 0, seen_bytes = 0;
  for (int step = 0; step < 20'000; ++step) {
    const std::string text = "text " + std::to_string(random() % 400) + std::string(random() % 8, '.');
    const bool failure = random() % 3 == 0;
    shard.record({.method = "GET", .name = text, .response_length = 3, .error = failure ? text : ""});
    ++requests;
    bytes += 3;
    failures += failure;
    if (random() % 50 == 0) control.merge(shard.take());
    if (random() % 200 == 0 || step == 19'999) {
      if (step == 19'999) control.merge(shard.take());
      const StatisticsDelta delta = control.take();
      counted += delta.total().num_requests;
      failed += delta.total().num_failures;
      seen_bytes += delta.total().total_content_length;
      CHECK(delta.entries.size() <= 21);
      CHECK(delta.errors.size() <= 10 + 21);
      for (const auto& error : delta.errors) errors += error.counts.occurrences;
    }
  }
  CHECK(counted == requests);
  CHECK(failed == failures);
  CHECK(errors == failures);
  CHECK(seen_bytes == bytes);
}

TEST_CASE("deltas are handed to another thread while their shard goes on") {
  std::mutex mutex;
  std::condition_variable ready;
  std::deque<StatisticsDelta> handed_over;
  bool done = false;
  std::thread shard([&] {
    Statistics statistics;
    for (int i = 1; i <= 20'000; ++i) {
      statistics.record({.method = "GET", .name = i % 3 ? "/a" : "/b", .response_time = 1ms * (i % 50), .error = "x"});
      if (i % 100) continue;
      const std::lock_guard lock(mutex);
      handed_over.push_back(statistics.take());
      ready.notify_one();
    }
    const std::lock_guard lock(mutex);
    done = true;
    ready.notify_one();
  });
  Statistics control;
  for (;;) {
    std::unique_lock lock(mutex);
    ready.wait(lock, [&] { return done || !handed_over.empty(); });
    if (handed_over.empty()) break;
    StatisticsDelta delta = std::move(handed_over.front());
    handed_over.pop_front();
    lock.unlock();
    control.merge(std::move(delta));
  }
  shard.join();
  const StatisticsDelta all = control.take();
  CHECK(all.total().num_requests == 20'000);
  CHECK(all.total().response_times.total() == 20'000);
  CHECK(all.errors.size() == 2);
}
