#include "worker/reports/json_report.hpp"

#include "base/value.hpp"
#include "worker/reports/python_text.hpp"
#include "worker/statistics/measures.hpp"

#include <string_view>
#include <utility>

namespace katydid::reports {
namespace {

constexpr std::string_view inner = "        ";

/// One object, field by field.
class Fields {
 public:
  explicit Fields(std::string_view indent) : indent_(indent) {}
  void add(std::string_view name, std::string_view json) {
    text_ += std::exchange(first_, false) ? "\n" : ",\n";
    text_.append(indent_).append(Value(name).dump()).append(": ").append(json);
  }
  std::string end(std::string_view indent) { return first_ ? "{}" : "{" + text_ + "\n" + std::string(indent) + "}"; }

 private:
  std::string_view indent_;
  std::string text_;
  bool first_ = true;
};

std::string times_object(const Histogram& times) {
  Fields fields("            ");
  times.for_each(
      [&](std::chrono::microseconds key, std::uint64_t count) { fields.add(key_text(key), std::to_string(count)); });
  return fields.end(inner);
}

std::string seconds_object(const EntryCounts& counts, std::uint64_t SecondCounts::*member) {
  Fields fields("            ");
  for (const SecondCounts& second : counts.seconds) {
    if (second.*member == 0) continue;
    fields.add(std::to_string(second.second.time_since_epoch().count()), std::to_string(second.*member));
  }
  return fields.end(inner);
}

std::string entry_object(std::string_view method, std::string_view name, const EntryCounts& counts) {
  Fields fields(inner);
  fields.add("name", Value(name).dump());
  fields.add("method", Value(method).dump());
  fields.add("last_request_timestamp", python_float(python_time(counts.last_request)));
  fields.add("start_time", python_float(python_time(counts.start_time)));
  fields.add("num_requests", std::to_string(counts.num_requests));
  fields.add("num_none_requests", std::to_string(counts.num_none_requests));
  fields.add("num_failures", std::to_string(counts.num_failures));
  fields.add("total_response_time", counts.timed() ? milliseconds_text(counts.total_response_time) : "0");
  fields.add("max_response_time", counts.timed() ? milliseconds_text(counts.max_response_time) : "0");
  fields.add("min_response_time", counts.timed() ? milliseconds_text(counts.min_response_time) : "null");
  fields.add("total_content_length", std::to_string(counts.total_content_length));
  fields.add("response_times", times_object(counts.response_times));
  fields.add("num_reqs_per_sec", seconds_object(counts, &SecondCounts::requests));
  fields.add("num_fail_per_sec", seconds_object(counts, &SecondCounts::failures));
  return fields.end("    ");
}

}  // namespace

std::string json_report(const RunningStatistics& statistics) {
  std::string text;
  for (const auto& [key, counts] : statistics.entries()) {
    if (counts.num_requests == 0) continue;
    text += (text.empty() ? "\n    " : ",\n    ") + entry_object(key.second, key.first, counts);
  }
  return text.empty() ? "[]" : "[" + text + "\n]";
}

}  // namespace katydid::reports
