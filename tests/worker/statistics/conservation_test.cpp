#include "tests/worker/statistics/support.hpp"
#include "worker/statistics/statistics.hpp"

#include <doctest/doctest.h>

#include <array>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <random>
#include <thread>
#include <tuple>

using namespace katydid;
using namespace std::chrono_literals;
using katydid::test::keys_of;
using katydid::test::ManualTime;

namespace {

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
  REQUIRE(whole.entries.size() == 1);
  check_equal(by_name.take().total(), whole.entries.front().counts);
}

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
