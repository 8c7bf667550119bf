#include "worker/reports/html_report.hpp"

#include "base/value.hpp"
#include "base/version.hpp"
#include "worker/reports/python_text.hpp"
#include "worker/reports/report_page.hpp"
#include "worker/statistics/measures.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace katydid::reports {
namespace {

constexpr int buckets_per_decade = 10;  // of the heat map

double milliseconds(auto time) { return std::chrono::duration<double, std::milli>(time).count(); }

Value percentiles(const EntryCounts& counts) {
  Value values = Value::array();
  for (const auto& [fraction, name] : reported_percentiles)
    values.as_array().emplace_back(milliseconds(counts.response_times.percentile(fraction)));
  return values;
}

Value entry(std::string_view method, std::string_view name, const EntryCounts& counts,
            const RunningStatistics& statistics) {
  Value fields = Value::object();
  const auto rates = statistics.total_rates(counts);
  const auto requests = static_cast<double>(counts.num_requests);
  fields.set("method", method);
  fields.set("name", name);
  fields.set("requests", counts.num_requests);
  fields.set("failures", counts.num_failures);
  fields.set("timed", counts.timed());
  fields.set("avg", average(counts).count());
  fields.set("min", least(counts).count());
  fields.set("max", milliseconds(counts.max_response_time));
  fields.set("percentiles", percentiles(counts));
  fields.set("rps", rates.requests);
  fields.set("fps", rates.failures);
  fields.set("size", requests == 0 ? 0 : static_cast<double>(counts.total_content_length) / requests);
  return fields;
}

Value entries(const RunningStatistics& statistics) {
  Value rows = Value::array();
  for (const auto& [key, counts] : statistics.entries())
    rows.as_array().push_back(entry(key.second, key.first, counts, statistics));
  return rows;
}

Value errors(const RunningStatistics& statistics) {
  Value rows = Value::array();
  for (const RunningStatistics::Error& error : statistics.errors()) {
    Value fields = Value::object();
    fields.set("method", error.key->request->method);
    fields.set("name", error.key->request->name);
    fields.set("error", error.key->text);
    fields.set("count", error.counts.occurrences);
    fields.set("first", utc_text(error.counts.first_seen));
    fields.set("last", utc_text(error.counts.last_seen));
    rows.as_array().push_back(std::move(fields));
  }
  return rows;
}

/// Pairs of a bucket and its count, one behind the other. Bucket 0 ends at a microsecond, ten times that ten buckets
/// on.
Value heat(const Histogram& times) {
  Value flat = Value::array();
  std::int64_t bucket = -1;
  std::uint64_t count = 0;
  const auto flush = [&] {
    if (count == 0) return;
    flat.as_array().emplace_back(bucket);
    flat.as_array().emplace_back(count);
    count = 0;
  };
  times.for_each([&](std::chrono::microseconds key, std::uint64_t more) {
    const double us = std::max(1.0, static_cast<double>(key.count()));
    const auto place = static_cast<std::int64_t>(std::ceil(buckets_per_decade * std::log10(us) - 1e-9));
    if (place != bucket) flush();
    bucket = place;
    count += more;
  });
  flush();
  return flat;
}

Value slots(const Timeline& timeline) {
  Value rows = Value::array();
  for (const Timeline::Slot& slot : timeline.slots()) {
    Value fields = Value::object();
    fields.set("at", slot.begin.count());
    fields.set("seconds", slot.length.count());
    fields.set("requests", slot.requests);
    fields.set("failures", slot.failures);
    fields.set("dropped", slot.dropped);
    fields.set("users", slot.users);
    fields.set("lag", milliseconds(slot.lag.p99));
    fields.set("lagMax", milliseconds(slot.lag.max));
    for (const auto& [name, fraction] : {std::pair{"p50", 0.5}, std::pair{"p95", 0.95}, std::pair{"p99", 0.99}})
      fields.set(name, milliseconds(slot.times.percentile(fraction)));
    fields.set("heat", heat(slot.times));
    rows.as_array().push_back(std::move(fields));
  }
  return rows;
}

Value run_of(const HtmlContent& content) {
  Value fields = Value::object();
  fields.set("host", content.facts.host);
  fields.set("locustfile", content.facts.locustfile);
  fields.set("users", content.facts.users);
  fields.set("spawnRate", content.facts.spawn_rate);
  fields.set("start", utc_text(content.start));
  fields.set("end", utc_text(content.run.now));
  fields.set("seconds", std::chrono::duration<double>(content.run.now - content.start).count());
  fields.set("version", version);
  return fields;
}

void add_what_was_told(const HtmlContent& content, Value& data) {
  Value verdicts = Value::array(), warnings = Value::array(), exceptions = Value::array();
  for (const Verdict& verdict : content.verdicts)
    verdicts.as_array().push_back(Value{{"text", verdict.text}, {"failed", verdict.failed}});
  for (const Warning& warning : content.warnings)
    warnings.as_array().push_back(Value{{"at", warning.at.count()}, {"text", warning.text}});
  for (const ReportedException& each : content.run.exceptions) {
    exceptions.as_array().push_back(
        Value{{"count", each.count}, {"message", each.message}, {"traceback", each.traceback}});
  }
  data.set("verdicts", std::move(verdicts));
  data.set("warnings", std::move(warnings));
  data.set("exceptions", std::move(exceptions));
}

/// No text of a name may end the script element that the data is in.
std::string harmless(std::string_view json) {
  std::string text;
  text.reserve(json.size());
  for (const char c : json) {
    if (c == '<') {
      text += "\\u003c";
    } else {
      text += c;
    }
  }
  return text;
}

void replace(std::string& text, std::string_view tag, double value) {
  const bool whole = value == std::floor(value) && std::abs(value) < 1e15;
  const std::string shown = whole ? std::to_string(static_cast<long long>(value)) : python_float(value);
  for (std::size_t at = text.find(tag); at != std::string::npos; at = text.find(tag, at + shown.size()))
    text.replace(at, tag.size(), shown);
}

}  // namespace

std::string html_report(const HtmlContent& content) {
  const RunningStatistics& statistics = content.run.statistics;
  Value data = Value::object();
  Value labels = Value::array();
  for (const auto& [fraction, name] : reported_percentiles) labels.as_array().emplace_back(name);
  data.set("run", run_of(content));
  data.set("percentiles", std::move(labels));
  data.set("entries", entries(statistics));
  data.set("total", entry("", "Aggregated", statistics.total(), statistics));
  data.set("errors", errors(statistics));
  data.set("slots", slots(content.timeline));
  data.set("bucketsPerDecade", buckets_per_decade);
  add_what_was_told(content, data);
  return std::string(report_page_head) + harmless(data.dump()) + std::string(report_page_tail);
}

std::string html_file_name(std::string name, const RunFacts& facts) {
  replace(name, "{u}", static_cast<double>(facts.users));
  replace(name, "{r}", facts.spawn_rate);
  if (facts.run_time) replace(name, "{t}", std::chrono::duration<double>(*facts.run_time).count());
  return name;
}

}  // namespace katydid::reports
