#include "worker/metrics/book.hpp"

#include "base/saturated.hpp"
#include "base/version.hpp"
#include "worker/arrivals/arrivals.hpp"
#include "worker/metrics/exposition.hpp"
#include "worker/process/usage.hpp"

#include <algorithm>
#include <ctime>
#include <limits>

namespace katydid::metrics {
namespace {

double seconds(auto time) { return std::chrono::duration<double>(time).count(); }

/// Cut between two characters.
std::string shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  return std::string(text.substr(0, most)) + "…";
}

double cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

}  // namespace

void Book::Times::add(double at, std::uint64_t times) {
  // A key that is the end of a bucket belongs to it, though its double may be a little more.
  const auto bucket = std::ranges::lower_bound(time_bounds, at * (1 - 1e-9));
  buckets[static_cast<std::size_t>(bucket - time_bounds.begin())] += times;
  count += times;
}

void Book::add(const StatisticsDelta& delta) {
  for (const StatisticsDelta::Entry& counted : delta.entries) {
    const EntryCounts& counts = counted.counts;
    if (counted.key->apart && counted.key->method == Arrivals::dropped_method) {
      dropped_[counted.key->name] += counts.num_requests;
      continue;
    }
    const auto add_times = [&](Times& times) {
      times.seconds += seconds(counts.total_response_time);
      counts.response_times.for_each(
          [&](std::chrono::microseconds key, std::uint64_t count) { times.add(seconds(key), count); });
    };
    if (counted.key->apart) {
      add_times(phase(*counted.key));
      continue;
    }
    Entry& mine = entry(*counted.key);
    mine.requests += counts.num_requests;
    mine.failures += counts.num_failures;
    add_saturated(mine.bytes, counts.total_content_length);
    add_times(mine.times);
  }
  for (const StatisticsDelta::Error& counted : delta.errors) error(*counted.key) += counted.counts.occurrences;
  for (const StatisticsDelta::CutOff& counted : delta.cut_off) cut_off_ += counted.requests;
}

void Book::add(const LoopLag& lag) {
  lag_.seconds += seconds(lag.total());
  lag.for_each([&](std::chrono::nanoseconds end, std::uint64_t times) { lag_.add(seconds(end), times); });
}

void Book::set_users(const std::map<std::string, std::int64_t>& users) {
  for (auto& [name, count] : users_) count = 0;
  for (const auto& [name, count] : users) users_[name] = count;
}

Book::Entry& Book::entry(const RequestKey& key) {
  const Name name{key.method, key.name};
  const auto found = entries_.find(name);
  if (found != entries_.end()) return found->second;
  const Name rest{"", other};
  return entries_[entries_.size() - entries_.count(rest) < max_names ? name : rest];
}

/// "/x [first byte]" is of the phase "first byte".
Book::Times& Book::phase(const RequestKey& key) {
  std::string_view name = key.name, of_it;
  if (const auto bracket = name.rfind(" ["); bracket != name.npos && name.ends_with(']')) {
    of_it = name.substr(bracket + 2, name.size() - bracket - 3);
    name = name.substr(0, bracket);
  }
  std::tuple place{key.method, std::string(name), std::string(of_it)};
  const bool known = phases_.contains(place) || phases_.size() < max_names;
  return phases_[known ? std::move(place) : std::tuple{std::string(), std::string(other), std::string(of_it)}];
}

std::uint64_t& Book::error(const ErrorKey& key) {
  std::pair<Name, std::string> place{{key.request->method, key.request->name}, shortened(key.text, max_error_bytes)};
  const auto found = errors_.find(place);
  if (found != errors_.end()) return found->second;
  const std::pair rest{Name{"", other}, std::string(other)};
  return errors_[errors_.size() - errors_.count(rest) < max_errors ? place : rest];
}

std::string Book::text() const {
  Exposition page;
  const auto of_entries = [&](std::string_view metric, std::string_view help, std::uint64_t Entry::*member) {
    page.metric(metric, "counter", help);
    for (const auto& [name, entry] : entries_)
      page.sample({{"method", name.first}, {"name", name.second}}, entry.*member);
  };
  of_entries("katydid_requests_total", "Requests that were counted, failed ones too.", &Entry::requests);
  of_entries("katydid_request_failures_total", "Requests that failed.", &Entry::failures);
  of_entries("katydid_response_bytes_total", "Bytes of the bodies of answers.", &Entry::bytes);

  page.metric("katydid_response_time_seconds", "histogram",
              "Response times, each rounded to two digits before it was put into a bucket.");
  const auto histogram = [&](const Times& times, auto... labels) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < times.buckets.size(); ++i) {
      sum += times.buckets[i];
      const double bound = i < time_bounds.size() ? time_bounds[i] : std::numeric_limits<double>::infinity();
      page.sample({labels..., {"le", bound_text(bound)}}, sum, "_bucket");
    }
    page.sample({labels...}, times.seconds, "_sum");
    page.sample({labels...}, times.count, "_count");
  };
  using Label = std::pair<std::string_view, std::string_view>;
  for (const auto& [name, entry] : entries_)
    histogram(entry.times, Label{"method", name.first}, Label{"name", name.second});
  page.metric("katydid_request_phase_seconds", "histogram",
              "Where the time of requests went, with --report-phases and --report-service-time.");
  for (const auto& [place, times] : phases_) {
    const auto& [method, name, phase] = place;
    histogram(times, Label{"method", method}, Label{"name", name}, Label{"phase", phase});
  }

  const auto rest = entries_.find(Name{"", other});
  page.metric("katydid_requests_beyond_name_limit_total", "counter",
              "Requests whose name came after the limit, so that they are counted as other.");
  page.sample({}, rest == entries_.end() ? std::uint64_t{0} : rest->second.requests);
  page.metric("katydid_name_limit", "gauge", "So many methods and names are told apart.");
  page.sample({}, std::uint64_t{max_names});

  page.metric("katydid_errors_total", "counter", "Failed requests by their error.");
  for (const auto& [place, count] : errors_)
    page.sample({{"method", place.first.first}, {"name", place.first.second}, {"error", place.second}}, count);
  page.metric("katydid_task_exceptions_total", "counter", "Exceptions that tasks threw.");
  page.sample({}, exceptions_);
  page.metric("katydid_dropped_tasks_total", "counter", "Tasks that were due while no user was free.");
  for (const auto& [name, count] : dropped_) page.sample({{"user_class", name}}, count);
  page.metric("katydid_cut_off_requests_total", "counter",
              "Requests that were sent, and not answered when users stopped.");
  page.sample({}, cut_off_);

  page.metric("katydid_users", "gauge", "Users that run now.");
  for (const auto& [name, count] : users_) page.sample({{"user_class", name}}, static_cast<double>(count));
  page.metric("katydid_state", "gauge", "1 for the state of this worker.");
  for (const std::string_view each : {"ready", "spawning", "running", "stopped"})
    page.sample({{"state", each}}, std::uint64_t{each == state_ ? 1U : 0U});
  page.metric("katydid_loop_lag_seconds", "histogram",
              "How far the event loops were behind, measured 50 times a second.");
  histogram(lag_);
  page.metric("katydid_reports_total", "counter",
              "Reports to the master. Those that were kept went with the next one.");
  page.sample({{"result", "sent"}}, reports_sent_);
  page.sample({{"result", "kept"}}, reports_kept_);

  page.metric("process_cpu_seconds_total", "counter", "CPU time of this process, user and system.");
  page.sample({}, cpu_seconds());
  page.metric("process_resident_memory_bytes", "gauge", "Resident memory of this process.");
  page.sample({}, static_cast<double>(ProcessUsage::memory_bytes()));
  page.metric("katydid_build_info", "gauge", "The version of Katydid.");
  page.sample({{"version", version}}, std::uint64_t{1});
  return page.take();
}

}  // namespace katydid::metrics
