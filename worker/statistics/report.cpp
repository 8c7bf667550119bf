#include "worker/statistics/report.hpp"

#include "worker/statistics/error_key.hpp"

#include <utility>

namespace katydid {
namespace {

protocol::StatsEntry make_entry(const EntryCounts& counts) {
  protocol::StatsEntry entry;
  entry.start_time = counts.start_time;
  if (counts.num_requests) entry.last_request_timestamp = counts.last_request;
  entry.num_requests = counts.num_requests;
  entry.num_none_requests = counts.num_none_requests;
  entry.num_failures = counts.num_failures;
  entry.total_response_time = counts.total_response_time;
  entry.max_response_time = counts.max_response_time;
  if (counts.timed()) entry.min_response_time = counts.min_response_time;
  entry.total_content_length = counts.total_content_length;
  counts.response_times.for_each(
      [&](std::chrono::microseconds key, std::uint64_t count) { entry.response_times.emplace_back(key, count); });
  for (const SecondCounts& second : counts.seconds) {
    if (second.requests) entry.num_reqs_per_sec.emplace_back(second.second, second.requests);
    if (second.failures) entry.num_fail_per_sec.emplace_back(second.second, second.failures);
  }
  return entry;
}

}  // namespace

protocol::to_master::Stats make_report(const StatisticsDelta& delta, protocol::UserClassesCount user_classes_count) {
  protocol::to_master::Stats report;
  report.stats.reserve(delta.entries.size());
  for (const StatisticsDelta::Entry& counted : delta.entries) {
    protocol::StatsEntry& entry = report.stats.emplace_back(make_entry(counted.counts));
    entry.method = counted.key->method;
    entry.name = counted.key->name;
  }
  report.total = make_entry(delta.total());
  // The master takes the earliest start that it is told for the test's own, so an idle worker's must not be 1970.
  if (report.stats.empty()) report.total.start_time = delta.taken;

  report.errors.reserve(delta.errors.size());
  for (const StatisticsDelta::Error& error : delta.errors) {
    report.errors.push_back({.name = error.key->request->name,
                             .method = error.key->request->method,
                             .error = error.key->text,
                             .occurrences = error.counts.occurrences,
                             .first_seen = error.counts.first_seen,
                             .last_seen = error.counts.last_seen,
                             .key = error_key(error.key->request->method, error.key->request->name, error.key->text)});
  }
  for (const auto& [name, count] : user_classes_count) report.user_count += count;
  report.user_classes_count = std::move(user_classes_count);
  return report;
}

}  // namespace katydid
