#pragma once

#include "base/recorder.hpp"
#include "worker/statistics/statistics.hpp"

#include <nanobind/nanobind.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace katydid::python {

namespace nb = nanobind;

class MetricsObject;

/// `Statistics`: counts requests as a worker does, and gives them out as Locust's report has them.
class StatisticsObject {
 public:
  struct Settings {
    std::string_view rounding = "katydid";
    nb::object engine = nb::none();  ///< what is recorded happened when its turn began
    /// Names and texts are kept as they are, however many and long, as Locust does.
    bool bounded = true;
    bool report_phases = false;  ///< as entries of their own
  };

  explicit StatisticsObject(Settings settings);
  StatisticsObject(const StatisticsObject&) = delete;
  StatisticsObject& operator=(const StatisticsObject&) = delete;

  katydid::Statistics& counts() { return counts_; }

  void record(std::string_view method, std::string_view name, std::optional<double> response_time,
              std::uint64_t response_length, std::optional<std::string_view> error);
  nb::dict take();
  /// As take(), in parts that are a second of the wall clock each, once keep_seconds() was called.
  nb::list take_seconds();
  void keep_seconds() { keeps_seconds_ = true; }
  bool pending() const { return !counts_.empty() || !seconds_.empty(); }
  /// [(method, name, requests)] of those that were cut off since the last time.
  nb::list take_cut_off();
  /// What is given out or cleared counts there, too, from now on. It is kept alive.
  void show_in(nb::object metrics);
  void clear();

 private:
  nb::dict given_out(const StatisticsDelta& delta);
  void keep_cut_off(const StatisticsDelta& delta);

  StatisticsOptions options(const Settings& settings);
  void second_begins();

  static constexpr std::size_t most_seconds = 120;  ///< what nobody takes for longer is not told apart

  nb::object engine_;
  bool keeps_seconds_ = false;
  std::vector<StatisticsDelta> seconds_;
  katydid::Statistics counts_;
  std::map<std::pair<std::string, std::string>, std::uint64_t> cut_off_;
  nb::object metrics_object_;
  MetricsObject* metrics_ = nullptr;
};

/// What Python says of a request: its time in milliseconds, or None. Views are valid as long as the arguments are.
Sample sample_of(std::string_view method, std::string_view name, std::optional<double> response_time,
                 std::uint64_t response_length, std::optional<std::string_view> error);

/// For clients whose requests somebody else records.
class NoRecorder final : public Recorder {
 public:
  void record(const Sample&) override {}
  void cut_off(std::string_view, std::string_view) override {}
};

void bind_statistics(nb::module_& m);

}  // namespace katydid::python
