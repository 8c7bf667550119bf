#include "python/src/engine/statistics.hpp"

#include "python/src/engine/engine.hpp"
#include "python/src/engine/metrics.hpp"
#include "worker/statistics/report.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace katydid::python {
namespace {

Rounding rounding_from(std::string_view name) {
  if (name == "katydid") return Rounding::fine;
  if (name == "locust") return Rounding::locust;
  throw std::invalid_argument("rounding is \"katydid\" or \"locust\", not \"" + std::string(name) + "\"");
}

constexpr double longest = 1e10;  // milliseconds: 115 days, far from what a sum of nanoseconds overflows with
constexpr std::uint64_t most_bytes = std::uint64_t(1) << 50;

std::chrono::nanoseconds nanoseconds_of(double milliseconds) {
  if (!(milliseconds >= 0 && milliseconds <= longest))
    throw nb::value_error(("a response time is from 0 to 1e10 milliseconds, not " +
                           nb::cast<std::string>(nb::str(nb::float_(milliseconds))))
                              .c_str());
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double, std::milli>(milliseconds));
}

double seconds(protocol::EpochTime time) { return time.time_since_epoch().count(); }

nb::object optional_seconds(const std::optional<protocol::EpochTime>& time) {
  if (!time) return nb::none();
  return nb::float_(seconds(*time));
}

/// An int where Python's worker has one.
nb::object histogram_key(double milliseconds) {
  if (std::trunc(milliseconds) == milliseconds) return nb::int_(static_cast<std::int64_t>(milliseconds));
  return nb::float_(milliseconds);
}

nb::dict per_second(const std::vector<std::pair<std::chrono::sys_seconds, std::uint64_t>>& counts) {
  nb::dict out;
  for (const auto& [second, count] : counts) out[nb::int_(second.time_since_epoch().count())] = count;
  return out;
}

nb::dict entry_dict(const protocol::StatsEntry& entry, std::string_view method, std::string_view name) {
  nb::dict response_times;
  for (const auto& [time, count] : entry.response_times) response_times[histogram_key(time.count())] = count;
  nb::dict out;
  out["name"] = name;
  out["method"] = method;
  out["last_request_timestamp"] = optional_seconds(entry.last_request_timestamp);
  out["start_time"] = seconds(entry.start_time);
  out["num_requests"] = entry.num_requests;
  out["num_none_requests"] = entry.num_none_requests;
  out["num_failures"] = entry.num_failures;
  out["total_response_time"] = entry.total_response_time.count();
  out["max_response_time"] = entry.max_response_time.count();
  out["min_response_time"] = nb::none();
  if (entry.min_response_time) out["min_response_time"] = entry.min_response_time->count();
  out["total_content_length"] = entry.total_content_length;
  out["response_times"] = response_times;
  out["num_reqs_per_sec"] = per_second(entry.num_reqs_per_sec);
  out["num_fail_per_sec"] = per_second(entry.num_fail_per_sec);
  return out;
}

nb::dict error_dict(const protocol::StatsError& error) {
  nb::dict out;
  out["name"] = error.name;
  out["method"] = error.method;
  out["error"] = error.error;
  out["occurrences"] = error.occurrences;
  out["first_seen"] = optional_seconds(error.first_seen);
  out["last_seen"] = optional_seconds(error.last_seen);
  return out;
}

}  // namespace

StatisticsObject::StatisticsObject(Settings settings) : engine_(settings.engine), counts_(options(settings)) {}

StatisticsOptions StatisticsObject::options(const Settings& settings) {
  StatisticsOptions out{.rounding = rounding_from(settings.rounding), .report_phases = settings.report_phases};
  if (!engine_.is_none()) {
    const Loop& loop = nb::cast<EngineObject&>(engine_).loop();
    out.steady_clock = [&loop] { return loop.now(); };
  }
  if (!settings.bounded) out.max_names = out.max_errors = out.max_text_bytes = std::numeric_limits<std::size_t>::max();
  out.second_begins = [this] { second_begins(); };
  return out;
}

void StatisticsObject::second_begins() {
  if (keeps_seconds_ && seconds_.size() < most_seconds) seconds_.push_back(counts_.take());
}

Sample sample_of(std::string_view method, std::string_view name, std::optional<double> response_time,
                 std::uint64_t response_length, std::optional<std::string_view> error) {
  if (response_length > most_bytes) throw nb::value_error("a response length is at most 2**50 bytes");
  return {.method = method,
          .name = name,
          .response_time = response_time ? nanoseconds_of(*response_time) : std::chrono::nanoseconds(-1),
          .response_length = response_length,
          .error = error.value_or("")};
}

void StatisticsObject::record(std::string_view method, std::string_view name, std::optional<double> response_time,
                              std::uint64_t response_length, std::optional<std::string_view> error) {
  counts_.record(sample_of(method, name, response_time, response_length, error));
}

nb::dict StatisticsObject::take() {
  for (StatisticsDelta& second : std::exchange(seconds_, {})) counts_.merge(std::move(second));
  return given_out(counts_.take());
}

nb::list StatisticsObject::take_seconds() {
  nb::list out;
  StatisticsDelta last = counts_.take();  // it may begin a second
  for (const StatisticsDelta& second : std::exchange(seconds_, {})) out.append(given_out(second));
  if (!last.empty()) out.append(given_out(last));
  return out;
}

nb::dict StatisticsObject::given_out(const StatisticsDelta& delta) {
  keep_cut_off(delta);
  if (metrics_) metrics_->add(delta);
  const protocol::to_master::Stats report = make_report(delta, {});
  nb::list stats;
  for (const auto& entry : report.stats) stats.append(entry_dict(entry, entry.method, entry.name));
  nb::dict errors;
  for (const auto& error : report.errors) errors[nb::str(error.key.c_str(), error.key.size())] = error_dict(error);
  nb::dict out;
  out["stats"] = stats;
  out["stats_total"] = entry_dict(report.total, "", "Aggregated");
  out["errors"] = errors;
  return out;
}

nb::list StatisticsObject::take_cut_off() {
  nb::list out;
  for (const auto& [key, requests] : cut_off_) out.append(nb::make_tuple(key.first, key.second, requests));
  cut_off_.clear();
  return out;
}

void StatisticsObject::keep_cut_off(const StatisticsDelta& delta) {
  for (const auto& each : delta.cut_off) cut_off_[{each.key->method, each.key->name}] += each.requests;
}

void StatisticsObject::show_in(nb::object metrics) {
  metrics_ = &nb::cast<MetricsObject&>(metrics);
  metrics_object_ = std::move(metrics);
}

void StatisticsObject::clear() {
  if (metrics_) {  // its counters never go back
    for (const StatisticsDelta& second : seconds_) metrics_->add(second);
    metrics_->add(counts_.take());
  }
  counts_.reset();
  seconds_.clear();
  cut_off_.clear();
}

void bind_statistics(nb::module_& m) {
  nb::class_<StatisticsObject>(m, "Statistics")
      .def(
          "__init__",
          [](StatisticsObject* self, std::string_view rounding, nb::object engine, bool bounded, bool report_phases) {
            new (self) StatisticsObject({.rounding = rounding,
                                         .engine = std::move(engine),
                                         .bounded = bounded,
                                         .report_phases = report_phases});
          },
          nb::arg("rounding") = "katydid", nb::arg("engine").none() = nb::none(), nb::arg("bounded") = true,
          nb::arg("report_phases") = false)
      .def("record", &StatisticsObject::record, nb::arg("method"), nb::arg("name"), nb::arg("response_time").none(),
           nb::arg("response_length"), nb::arg("error").none() = nb::none())
      .def("take", &StatisticsObject::take)
      .def("take_seconds", &StatisticsObject::take_seconds)
      .def("keep_seconds", &StatisticsObject::keep_seconds)
      .def_prop_ro("pending", &StatisticsObject::pending)
      .def("take_cut_off", &StatisticsObject::take_cut_off)
      .def("take_warning", [](StatisticsObject& self) { return self.counts().take_warning(); })
      .def(
          "cut_off",
          [](StatisticsObject& self, std::string_view method, std::string_view name) {
            self.counts().cut_off(method, name);
          },
          nb::arg("method"), nb::arg("name"))
      .def("show_in", &StatisticsObject::show_in, nb::arg("metrics"))
      .def("clear", &StatisticsObject::clear);
}

}  // namespace katydid::python
