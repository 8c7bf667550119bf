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

namespace katydid::python {

namespace nb = nanobind;

/// `Statistics`: counts requests as a worker does, and gives them out as Locust's report has them.
class StatisticsObject {
 public:
  /// With an engine, what is recorded happened when the engine's turn began.
  StatisticsObject(std::string_view rounding, nb::object engine);

  katydid::Statistics& counts() { return counts_; }

  void record(std::string_view method, std::string_view name, std::optional<double> response_time,
              std::uint64_t response_length, std::optional<std::string_view> error);
  nb::dict take();
  /// [(method, name, requests)] of those that were cut off since the last time.
  nb::list take_cut_off();
  void clear();

 private:
  void keep_cut_off(const StatisticsDelta& delta);

  nb::object engine_;
  katydid::Statistics counts_;
  std::map<std::pair<std::string, std::string>, std::uint64_t> cut_off_;
};

/// For clients whose requests somebody else records.
class NoRecorder final : public Recorder {
 public:
  void record(const Sample&) override {}
  void cut_off(std::string_view, std::string_view) override {}
};

void bind_statistics(nb::module_& m);

}  // namespace katydid::python
