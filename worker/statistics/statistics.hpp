#pragma once

#include "base/recorder.hpp"
#include "worker/statistics/delta.hpp"
#include "worker/statistics/rounding.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace katydid {

struct StatisticsOptions {
  Rounding rounding = Rounding::fine;
  /// The phases of requests are entries, too, apart from all others: "GET /x [first byte]".
  bool report_phases = false;
  /// Distinct (method, name) pairs; the requests of all further ones are counted under overflow_name().
  std::size_t max_names = 10'000;
  /// Distinct errors; all further ones are counted as overflow_error() of their request.
  std::size_t max_errors = 1'000;
  /// Longer methods, names and error texts are cut here, between two characters, and end in "…".
  std::size_t max_text_bytes = 2'000;
  /// Read with every request, so it should cost nothing: the time of a loop's turn, as by [&] { return loop.now(); }.
  std::function<std::chrono::steady_clock::time_point()> steady_clock = &std::chrono::steady_clock::now;
  /// Read about once a second.
  std::function<std::chrono::system_clock::time_point()> wall_clock = &std::chrono::system_clock::now;
  /// Called before the first request of a new second of the wall clock is counted: a take() in it has whole seconds.
  std::function<void()> second_begins;
};

/// What one shard's requests came to since the last take(), by (method, name). Belongs to one thread and locks nothing.
/// The control thread uses one too: it merges the deltas of all shards into it and takes the report out of it, and
/// merges that back when it could not be sent, so that no request is ever lost or counted twice.
///
/// Names, errors and texts are bounded, for unique URLs must not eat the memory of the worker and its master: what is
/// beyond the bounds is counted in full, but under one name. The bounds hold until reset(), not only until take().
class Statistics final : public Recorder {
 public:
  explicit Statistics(StatisticsOptions options = {});
  Statistics(const Statistics&) = delete;
  Statistics& operator=(const Statistics&) = delete;

  /// A negative response time means that there was none, Locust's None.
  void record(const Sample& sample) override;
  void cut_off(std::string_view method, std::string_view name) override;

  /// Moves out all that was counted since the last time. Names stay known, so that they cost little when they return.
  StatisticsDelta take();
  /// Whether a take() would have nothing to move out.
  bool empty() const { return touched_entries_.empty() && touched_errors_.empty(); }
  /// Adds what another Statistics has counted, or what this one had given out.
  void merge(StatisticsDelta delta);
  /// Forgets everything, names included: a new test, or --reset-stats.
  void reset();

  /// A line for the log when a bound was reached; each bound is told once until reset().
  std::optional<std::string> take_warning();

  const std::string& overflow_name() const { return overflow_name_; }
  const std::string& overflow_error() const { return overflow_error_; }

 private:
  /// A key without its strings; points into a RequestKey or into a sample.
  struct RequestView {
    std::string_view method, name;
    bool apart = false;
    bool operator==(const RequestView&) const = default;
  };
  struct ErrorView {
    const RequestKey* request;
    std::string_view text;
    bool operator==(const ErrorView&) const = default;
  };
  struct Hash {
    std::size_t operator()(const RequestView& view) const;
    std::size_t operator()(const ErrorView& view) const;
  };
  struct Entry {
    std::shared_ptr<const RequestKey> key;
    EntryCounts counts;
    std::uint64_t cut_off = 0;
    bool touched = false;
  };
  struct Error {
    std::shared_ptr<const ErrorKey> key;
    ErrorCounts counts;
  };

  Entry& entry(const RequestView& view) {
    if (last_entry_ && last_entry_->key->name == view.name && last_entry_->key->method == view.method &&
        last_entry_->key->apart == view.apart) [[likely]]
      return *last_entry_;
    return *(last_entry_ = &find_entry(view));
  }
  Entry& find_entry(RequestView view);
  Entry& add_entry(RequestView view);
  Entry& overflow_entry(bool apart);
  void count(const Sample& sample);
  void record_phases(const Sample& sample);
  Error& find_error(const Entry& entry, std::string_view text);
  Error& add_error(const Entry& entry, std::string_view text);
  void touch(Entry& entry) {
    if (entry.touched) [[likely]]
      return;
    touched_entries_.push_back(&entry);
    entry.touched = true;
  }
  /// The counts of the error; whoever asks for them counts at least one.
  ErrorCounts& touch(Error& error) {
    if (error.counts.occurrences == 0) touched_errors_.push_back(&error);
    return error.counts;
  }
  /// The text itself when it is short and valid enough, otherwise its copy in `buffer`.
  std::string_view clean(std::string_view text, std::string& buffer) const;
  /// The wall-clock time of the steady clock's now.
  WallTime now() {
    const auto steady = options_.steady_clock();
    if (steady >= second_end_) [[unlikely]]
      start_second(steady);
    return WallTime(steady.time_since_epoch() + wall_offset_);
  }
  void start_second(std::chrono::steady_clock::time_point steady);

  StatisticsOptions options_;
  const std::string overflow_name_, overflow_error_;
  std::unordered_map<RequestView, Entry, Hash> entries_;
  std::unordered_map<ErrorView, Error, Hash> errors_;
  std::array<Entry*, 2> overflow_entries_{};  // the second of those that are apart
  std::string phase_name_;
  std::size_t overflow_errors_ = 0;
  Entry* last_entry_ = nullptr;
  Error* last_error_ = nullptr;
  std::vector<Entry*> touched_entries_;
  std::vector<Error*> touched_errors_;
  std::vector<std::string> warnings_;

  // The second of the wall clock that is under way; the offset is taken anew with each second.
  std::chrono::sys_seconds second_{};
  std::chrono::steady_clock::time_point second_end_ = std::chrono::steady_clock::time_point::min();
  std::chrono::nanoseconds wall_offset_{};
};

}  // namespace katydid
