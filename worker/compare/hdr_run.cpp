#include "worker/compare/number.hpp"
#include "worker/compare/run.hpp"

#include <array>
#include <charconv>
#include <stdexcept>

namespace katydid::compare {
namespace {

constexpr double microsecond = 0.001;  // in milliseconds

/// What stands before the next comma, which is removed with it.
std::string_view field(std::string_view& line) {
  const std::size_t end = line.find(',');
  if (end == line.npos) throw std::runtime_error("a line has too few columns for a log of HdrHistogram");
  const std::string_view found = line.substr(0, end);
  line.remove_prefix(end + 1);
  return found;
}

std::string name_of(std::string_view tag) {
  std::string name;
  for (std::size_t i = 0; i < tag.size(); ++i) {
    unsigned code = 0;
    const char* const digits = tag.data() + i + 1;
    if (tag[i] == '%' && i + 2 < tag.size() && std::from_chars(digits, digits + 2, code, 16).ptr == digits + 2) {
      name += static_cast<char>(code);
      i += 2;
    } else {
      name += tag[i];
    }
  }
  return name;
}

/// "#[Counts: requests=12 failures=1 timed=12 milliseconds=34.5]" of --hdr-log.
class Counts {
 public:
  static constexpr std::string_view begin = "#[Counts: ";
  explicit Counts(std::string_view line) : line_(line.substr(0, line.find(']'))) {}
  double of(std::string_view name) const {
    const std::string key = " " + std::string(name) + "=";
    const std::size_t at = line_.find(key);
    if (at == line_.npos) throw std::runtime_error("a line with counts lacks '" + std::string(name) + "'");
    const std::string_view rest = line_.substr(at + key.size());
    return number_from(rest.substr(0, rest.find(' ')));
  }
  std::uint64_t whole(std::string_view name) const {
    const double value = of(name);
    if (value >= 1e18) throw std::runtime_error("a line with counts has a number that can't be");
    return static_cast<std::uint64_t>(value);
  }

 private:
  std::string_view line_;
};

class Reader {
 public:
  Reader(Run& run, double skip) : run_(run), skip_(skip) {}

  void read(std::string_view line) {
    while (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with(Counts::begin)) {
      counts_ = line;
    } else if (!line.empty() && line.front() != '#' && line.front() != '"') {
      read_interval(line);
      counts_ = {};
    }
  }

  /// Names have no line for a second without a request: that is told here.
  void finish() {
    for (auto& [name, series] : run_.names) {
      std::vector<Interval> all;
      std::size_t next = 0;
      for (const Interval& each : run_.total.intervals) {
        const bool there = next < series.intervals.size() && series.intervals[next].begin == each.begin;
        all.push_back(there ? std::move(series.intervals[next++])
                            : Interval{.begin = each.begin, .length = each.length});
      }
      if (next != series.intervals.size())
        throw std::runtime_error("the lines of '" + name + "' are of other seconds than those of all requests");
      series.intervals = std::move(all);
    }
  }

 private:
  void read_interval(std::string_view line) {
    std::string name;
    const bool tagged = line.starts_with("Tag=");
    if (tagged) name = name_of(field(line).substr(4));
    Interval interval;
    interval.begin = number_from(field(line));
    interval.length = number_from(field(line));
    field(line);  // the longest one
    if (interval.begin < skip_ || interval.length <= 0) return;
    interval.times = decoded_histogram(line, microsecond);
    count(interval);
    Series& series = tagged ? run_.names[name] : run_.total;
    series.requests += interval.requests;
    series.milliseconds += interval.milliseconds;
    for (const auto& [time, times] : interval.times) series.times[time] += times;
    if (!tagged) run_.seconds += interval.length;
    series.intervals.push_back(std::move(interval));
  }

  void count(Interval& interval) {
    if (counts_.empty()) {  // a log of somebody else's
      run_.failures_known = false;
      for (const auto& [time, times] : interval.times) {
        interval.timed += times;
        interval.milliseconds += time * static_cast<double>(times);
      }
      interval.requests = interval.timed;
      return;
    }
    const Counts counts(counts_);
    interval.requests = counts.whole("requests");
    interval.failures = counts.whole("failures");
    interval.timed = counts.whole("timed");
    interval.milliseconds = counts.of("milliseconds");
  }

  Run& run_;
  double skip_;
  std::string_view counts_;
};

}  // namespace

Run hdr_run(std::string_view text, std::chrono::duration<double> skip) {
  Run run;
  Reader reader(run, skip.count());
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    try {
      reader.read(text.substr(0, end));
    } catch (const std::runtime_error& error) {
      throw std::runtime_error("line " + std::to_string(line) + ": " + error.what());
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  reader.finish();
  return run;
}

}  // namespace katydid::compare
