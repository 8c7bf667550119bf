#include "worker/reports/csv_report.hpp"

#include "worker/reports/python_text.hpp"
#include "worker/statistics/measures.hpp"

#include <array>
#include <cstdio>
#include <string_view>

namespace katydid::reports {
namespace {

constexpr std::string_view option = "argument --csv";

void add_names(CsvRow& row, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) row.add(name);
}

void add_percentile_names(CsvRow& row) {
  for (const auto& [fraction, name] : reported_percentiles) row.add(name);
}

void add_percentiles(CsvRow& row, const EntryCounts& counts, const Histogram& times) {
  for (const auto& [fraction, name] : reported_percentiles) {
    row.add(counts.num_requests == 0 ? "N/A" : key_text(times.percentile(fraction)));
  }
}

/// As Locust's median_response_time: a key, unless that lies outside of what was measured.
std::string median_text(const EntryCounts& counts) {
  if (!counts.timed()) return "0";
  const auto key = counts.response_times.percentile(0.5);
  if (key > counts.max_response_time) return milliseconds_text(counts.max_response_time);
  if (key < counts.min_response_time) return milliseconds_text(counts.min_response_time);
  return key_text(key);
}

/// Python has an integer 0 where nothing was measured.
std::string exact_text(std::chrono::nanoseconds time, const EntryCounts& counts) {
  return counts.timed() ? milliseconds_text(time) : "0";
}

void add_times(CsvRow& row, const EntryCounts& counts) {
  row.add(median_text(counts));
  row.add(python_float(average(counts).count()));
  row.add(exact_text(counts.min_response_time, counts));
  row.add(exact_text(counts.max_response_time, counts));
  const auto requests = static_cast<double>(counts.num_requests);
  row.add(requests == 0 ? "0" : python_float(static_cast<double>(counts.total_content_length) / requests));
}

std::string six_digits(double rate) {
  std::array<char, 64> buffer;
  const int length = std::snprintf(buffer.data(), buffer.size(), "%f", rate);
  return {buffer.data(), static_cast<std::size_t>(length)};
}

std::string stats_header() {
  CsvRow row;
  add_names(row, {"Type", "Name", "Request Count", "Failure Count", "Median Response Time", "Average Response Time",
                  "Min Response Time", "Max Response Time", "Average Content Size", "Requests/s", "Failures/s"});
  add_percentile_names(row);
  return row.end();
}

std::string history_header() {
  CsvRow row;
  add_names(row, {"Timestamp", "User Count", "Type", "Name", "Requests/s", "Failures/s"});
  add_percentile_names(row);
  add_names(row,
            {"Total Request Count", "Total Failure Count", "Total Median Response Time", "Total Average Response Time",
             "Total Min Response Time", "Total Max Response Time", "Total Average Content Size"});
  return row.end();
}

std::string failure_rows(const RunningStatistics& statistics) {
  CsvRow header;
  add_names(header, {"Method", "Name", "Error", "Occurrences", "First Seen", "Last Seen"});
  std::string text = header.end();
  for (const RunningStatistics::Error& error : statistics.errors()) {
    CsvRow row;
    row.add(error.key->request->method).add(error.key->request->name).add(error.key->text);
    row.add(std::to_string(error.counts.occurrences));
    row.add(utc_text(error.counts.first_seen)).add(utc_text(error.counts.last_seen));
    text += row.end();
  }
  return text;
}

std::string exception_rows(const std::vector<ReportedException>& exceptions) {
  CsvRow header;
  add_names(header, {"Count", "Message", "Traceback", "Nodes"});
  std::string text = header.end();
  for (const ReportedException& each : exceptions) {
    CsvRow row;
    row.add(std::to_string(each.count)).add(each.message).add(each.traceback).add("local");
    text += row.end();
  }
  return text;
}

}  // namespace

CsvReport::CsvReport(const std::string& prefix, History history)
    : history_kind_(history),
      stats_(option, prefix + "_stats.csv", ReportFile::Begin::empty),
      history_(option, prefix + "_stats_history.csv", ReportFile::Begin::empty),
      failures_(option, prefix + "_failures.csv", ReportFile::Begin::empty),
      exceptions_(option, prefix + "_exceptions.csv", ReportFile::Begin::empty) {
  history_.append(history_header());
}

void CsvReport::add(const StatisticsDelta& delta) {
  if (history_kind_ == History::full) recent_.add(delta);
}

void CsvReport::write(const RunView& run) {
  stats_.rewrite(stats_header() + stats_rows(run.statistics));
  history_.append(history_rows(run));
  failures_.rewrite(failure_rows(run.statistics));
  exceptions_.rewrite(exception_rows(run.exceptions));
}

std::string CsvReport::stats_rows(const RunningStatistics& statistics) const {
  std::string text;
  const auto add = [&](std::string_view method, std::string_view name, const EntryCounts& counts) {
    CsvRow row;
    row.add(method).add(name);
    row.add(std::to_string(counts.num_requests)).add(std::to_string(counts.num_failures));
    add_times(row, counts);
    const auto rates = statistics.total_rates(counts);
    row.add(python_float(rates.requests)).add(python_float(rates.failures));
    add_percentiles(row, counts, counts.response_times);
    text += row.end();
  };
  for (const auto& [key, counts] : statistics.entries()) add(key.second, key.first, counts);
  add("", "Aggregated", statistics.total());
  return text;
}

std::string CsvReport::history_rows(const RunView& run) const {
  const bool full = history_kind_ == History::full;
  const std::string timestamp = std::to_string(static_cast<long long>(python_time(run.now)));
  std::string text;
  const auto add = [&](std::string_view method, std::string_view name, const EntryCounts& counts,
                       const Histogram& times) {
    CsvRow row;
    row.add(timestamp).add(std::to_string(run.users)).add(method).add(name);
    const auto rates = run.statistics.current_rates(counts);
    row.add(six_digits(rates.requests)).add(six_digits(rates.failures));
    add_percentiles(row, counts, times);
    row.add(std::to_string(counts.num_requests)).add(std::to_string(counts.num_failures));
    add_times(row, counts);
    text += row.end();
  };
  if (full) {
    for (const auto& [key, counts] : run.statistics.entries()) add(key.second, key.first, counts, recent_.of(key));
  }
  const EntryCounts& total = run.statistics.total();
  if (full) {
    add("", "Aggregated", total, recent_.total());
  } else {
    add("", "Aggregated", total, total.response_times);
  }
  return text;
}

bool CsvReport::complete() const {
  return stats_.complete() && history_.complete() && failures_.complete() && exceptions_.complete();
}

}  // namespace katydid::reports
