#pragma once

#include "worker/reports/run_view.hpp"
#include "worker/reports/timeline.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace katydid::reports {

/// What was asked of a run.
struct RunFacts {
  std::string host, locustfile;
  std::int64_t users = 1;
  double spawn_rate = 1;
  std::optional<std::chrono::nanoseconds> run_time{};
};

/// A condition of --fail-if.
struct Verdict {
  std::string text;
  bool failed = false;
};

/// What was logged that makes figures say less, or something else, than they seem to.
struct Warning {
  std::chrono::duration<double> at{};  ///< from the start of the run
  std::string text;
};

struct HtmlContent {
  const RunFacts& facts;
  const RunView& run;
  const Timeline& timeline;
  WallTime start;
  const std::vector<Verdict>& verdicts;
  const std::vector<Warning>& warnings;
};

/// `--html`: a page in one file that needs no network.
std::string html_report(const HtmlContent& content);

/// Locust's tags in the name of the file: {u} users, {r} spawn rate, {t} run time in seconds. Those without a value
/// stay.
std::string html_file_name(std::string name, const RunFacts& facts);

}  // namespace katydid::reports
