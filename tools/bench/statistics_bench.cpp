// What recording a request costs. One line for each case, in nanoseconds for each request; the clock stands for a
// loop's cached time. Run it on an idle machine: build/release/tools/bench/statistics_bench
#include "worker/statistics/report.hpp"
#include "worker/statistics/statistics.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

namespace {

using namespace katydid;
using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

constexpr std::size_t batch = 4096;

/// Calls `work` with 0 to 4095, many times over. The best batch counts, so that what else the machine does is left out.
template <class Work>
void measure(const char* what, Work work) {
  double best = 1e300;
  for (int run = 0; run < 2'000; ++run) {
    const auto begin = clock_type::now();
    for (std::size_t i = 0; i < batch; ++i) work(i);
    const std::chrono::duration<double, std::nano> elapsed = clock_type::now() - begin;
    best = std::min(best, elapsed.count() / batch);
  }
  std::printf("%-50s %8.1f ns\n", what, best);
}

/// Response times as a service would have them: around 0.5 ms, some slower.
std::vector<std::chrono::nanoseconds> response_times() {
  std::vector<std::chrono::nanoseconds> times;
  for (std::uint64_t i = 0, state = 1; i < batch; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    times.emplace_back(300'000 + (state >> 45) + (i % 100 == 0 ? 40'000'000 : 0));
  }
  return times;
}

std::vector<std::string> names(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back("/shop/category/" + std::to_string(i) + "/items/[id]");
  return names;
}

}  // namespace

int main() {
  const auto times = response_times();
  const auto thousands = names(9'000);
  auto now = clock_type::now();
  const StatisticsOptions options{.steady_clock = [&now] { return now; }};

  std::size_t sink = 0;
  measure("round a response time", [&](std::size_t i) { sink += slot_of(times[i], Rounding::fine); });
  Histogram histogram;
  measure("round it and count it in a histogram",
          [&](std::size_t i) { histogram.add(slot_of(times[i], Rounding::fine)); });

  const auto record = [&](const char* what, StatisticsOptions its_options, std::size_t names,
                          std::size_t failures_in_10, std::string_view error) {
    Statistics statistics(std::move(its_options));
    Recorder& recorder = statistics;
    std::vector<Sample> samples;
    for (std::size_t i = 0; i < batch; ++i) {
      samples.push_back({.method = "GET",
                         .name = names == 1 ? std::string_view("/hello") : thousands[i % names],
                         .response_time = times[i],
                         .response_length = 54,
                         .error = i % 10 < failures_in_10 ? error : std::string_view()});
    }
    measure(what, [&](std::size_t i) { recorder.record(samples[i]); });
    sink += statistics.take().entries.size();
  };
  StatisticsOptions bounded = options;
  bounded.max_names = 10;
  record("record a success, always the same name", options, 1, 0, "");
  record("record a success, 4 names in turn", options, 4, 0, "");
  record("record a success, 500 names in turn", options, 500, 0, "");
  record("record a success beyond the bound of names", bounded, 500, 0, "");
  record("record a failure, always the same", options, 1, 10, "connection refused: 127.0.0.1:8080");
  record("record, every tenth a failure", options, 1, 1, "404 Not Found");

  // What the total would cost if it were counted with each request.
  Statistics first(options), second(options);
  measure("record twice, for an aggregate of its own", [&](std::size_t i) {
    first.record({.method = "GET", .name = "/hello", .response_time = times[i]});
    second.record({.method = "", .name = "Aggregated", .response_time = times[i]});
  });

  const auto few = names(4);
  for (const auto* requests : {&few, &thousands}) {
    Statistics shard(options), control(options);
    std::array<double, 3> best{1e300, 1e300, 1e300};
    for (int run = 0; run < 20; ++run) {
      for (const auto& name : *requests) {
        for (std::size_t i = 0; i < 20; ++i) shard.record({.method = "GET", .name = name, .response_time = times[i]});
      }
      std::array<clock_type::time_point, 4> at;
      at[0] = clock_type::now();
      StatisticsDelta delta = shard.take();
      at[1] = clock_type::now();
      control.merge(std::move(delta));
      at[2] = clock_type::now();
      sink += make_report(control.take(), {}).stats.size();
      at[3] = clock_type::now();
      for (std::size_t i = 0; i < 3; ++i) {
        best[i] = std::min(best[i], std::chrono::duration<double, std::micro>(at[i + 1] - at[i]).count());
      }
    }
    std::printf("%zu names: take %.1f us, merge %.1f us, report %.1f us\n", requests->size(), best[0], best[1],
                best[2]);
  }
  return sink + histogram.total() == 0;
}
