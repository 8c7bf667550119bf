#include "worker/statistics/statistics.hpp"

#include "base/phases.hpp"
#include "base/saturated.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace katydid {

Statistics::Statistics(StatisticsOptions options)
    : options_(std::move(options)),
      overflow_name_("(more than " + std::to_string(options_.max_names) + " names)"),
      overflow_error_("(more than " + std::to_string(options_.max_errors) + " different errors)") {}

void Statistics::record(const Sample& sample) {
  count(sample);
  if (options_.report_phases && sample.phases && !sample.apart) [[unlikely]]
    record_phases(sample);
}

void Statistics::record_phases(const Sample& sample) {
  const Phases& phases = *sample.phases;
  Sample part{.method = sample.method, .name = {}, .apart = true};
  const auto add = [&](std::string_view phase, std::chrono::nanoseconds time) {
    if (time < time.zero()) return;
    phase_name_.assign(sample.name).append(" [").append(phase).append("]");
    part.name = phase_name_;
    part.response_time = time;
    count(part);
  };
  add("name lookup", phases.name_lookup);
  add("connect", phases.connect);
  add("TLS", phases.tls);
  add("request sent", phases.request_sent);
  add("first byte", phases.first_byte);
}

void Statistics::count(const Sample& sample) {
  const WallTime time = now();
  Entry& entry = this->entry({sample.method, sample.name, sample.apart});
  EntryCounts& counts = entry.counts;
  const bool timed = sample.response_time.count() >= 0;

  // All that may need memory comes first: without any, a request is not counted by half.
  std::uint64_t* const bucket =
      timed ? &counts.response_times.at(slot_of(sample.response_time, options_.rounding)) : nullptr;
  SecondCounts& second = counts.at(second_);
  Error* const known_error = sample.error.empty() ? nullptr : &find_error(entry, sample.error);
  touch(entry);
  ErrorCounts* const error = known_error ? &touch(*known_error) : nullptr;

  if (counts.num_requests++ == 0) counts.start_time = time;
  counts.last_request = time;
  add_saturated(counts.total_content_length, sample.response_length);
  if (timed) [[likely]] {
    add_saturated(counts.total_response_time, std::chrono::duration_cast<EntryCounts::TotalTime>(sample.response_time));
    counts.min_response_time = std::min(counts.min_response_time, sample.response_time);
    counts.max_response_time = std::max(counts.max_response_time, sample.response_time);
    ++*bucket;
  } else {
    ++counts.num_none_requests;
  }
  ++second.requests;
  if (error) {
    ++counts.num_failures;
    ++second.failures;
    if (error->occurrences++ == 0) error->first_seen = time;
    error->last_seen = time;
  }
}

void Statistics::cut_off(std::string_view method, std::string_view name) {
  Entry& entry = this->entry({method, name});
  touch(entry);
  ++entry.cut_off;
}

StatisticsDelta Statistics::take() {
  StatisticsDelta delta;
  delta.taken = now();
  // All memory first: what was moved half would be lost.
  delta.entries.reserve(touched_entries_.size());
  delta.cut_off.reserve(touched_entries_.size());
  delta.errors.reserve(touched_errors_.size());
  for (Entry* entry : touched_entries_) {
    if (entry->counts.num_requests) delta.entries.push_back({entry->key, std::exchange(entry->counts, {})});
    if (entry->cut_off) delta.cut_off.push_back({entry->key, std::exchange(entry->cut_off, 0)});
    entry->touched = false;
  }
  touched_entries_.clear();
  for (Error* error : touched_errors_) delta.errors.push_back({error->key, std::exchange(error->counts, {})});
  touched_errors_.clear();
  return delta;
}

void Statistics::merge(StatisticsDelta delta) {
  for (StatisticsDelta::Entry& theirs : delta.entries) {
    Entry& mine = entry({theirs.key->method, theirs.key->name, theirs.key->apart});
    touch(mine);
    if (mine.counts.num_requests == 0) {
      mine.counts = std::move(theirs.counts);
    } else {
      mine.counts.merge(theirs.counts);
    }
  }
  for (const StatisticsDelta::Error& theirs : delta.errors) {
    const RequestKey& request = *theirs.key->request;
    touch(find_error(entry({request.method, request.name, request.apart}), theirs.key->text)).merge(theirs.counts);
  }
  for (const StatisticsDelta::CutOff& theirs : delta.cut_off) {
    Entry& mine = entry({theirs.key->method, theirs.key->name});
    touch(mine);
    add_saturated(mine.cut_off, theirs.requests);
  }
}

void Statistics::reset() {
  errors_.clear();
  entries_.clear();
  overflow_errors_ = 0;
  overflow_entries_ = {};
  last_entry_ = nullptr;
  last_error_ = nullptr;
  touched_entries_.clear();
  touched_errors_.clear();
  warnings_.clear();
}

std::optional<std::string> Statistics::take_warning() {
  if (warnings_.empty()) return std::nullopt;
  std::string warning = std::move(warnings_.front());
  warnings_.erase(warnings_.begin());
  return warning;
}

Statistics::Entry& Statistics::find_entry(RequestView view) {
  if (const auto found = entries_.find(view); found != entries_.end()) return found->second;
  // A text that must be cut or repaired is not found as what it was.
  std::string method_buffer, name_buffer;
  const RequestView cleaned{clean(view.method, method_buffer), clean(view.name, name_buffer), view.apart};
  if (cleaned != view) {
    if (const auto found = entries_.find(cleaned); found != entries_.end()) return found->second;
  }
  // Another Statistics may have filled up first: its overflow is merged into this one's.
  const bool overflows = cleaned.method.empty() && cleaned.name == overflow_name_;
  const auto names =
      entries_.size() - static_cast<std::size_t>(std::ranges::count_if(overflow_entries_, std::identity()));
  if (!overflows && names < options_.max_names) return add_entry(cleaned);
  return overflow_entry(cleaned.apart);
}

Statistics::Entry& Statistics::overflow_entry(bool apart) {
  Entry*& entry = overflow_entries_[apart ? 1 : 0];
  if (entry) return *entry;
  entry = &add_entry({"", overflow_name_, apart});
  if (!overflow_entries_[apart ? 0 : 1]) {
    warnings_.push_back("More than " + std::to_string(options_.max_names) +
                        " different request names: the requests of all further ones are counted as \"" +
                        overflow_name_ + "\". Give the requests of one kind one name, e.g. {.name = \"/items/[id]\"}.");
  }
  return *entry;
}

Statistics::Entry& Statistics::add_entry(RequestView view) {
  auto key =
      std::make_shared<const RequestKey>(RequestKey{std::string(view.method), std::string(view.name), view.apart});
  Entry& entry = entries_[{key->method, key->name, key->apart}];
  entry.key = std::move(key);
  return entry;
}

Statistics::Error& Statistics::find_error(const Entry& entry, std::string_view text) {
  const RequestKey* request = entry.key.get();
  if (last_error_ && last_error_->key->request.get() == request && last_error_->key->text == text) return *last_error_;
  auto found = errors_.find({request, text});
  if (found == errors_.end()) {
    std::string buffer;
    const std::string_view cleaned = clean(text, buffer);
    if (cleaned != text) found = errors_.find({request, cleaned});
    if (found == errors_.end()) return *(last_error_ = &add_error(entry, cleaned));
  }
  return *(last_error_ = &found->second);
}

Statistics::Error& Statistics::add_error(const Entry& entry, std::string_view text) {
  if (text != overflow_error_ && errors_.size() - overflow_errors_ >= options_.max_errors) text = overflow_error_;
  if (text == overflow_error_) {
    if (const auto found = errors_.find({entry.key.get(), text}); found != errors_.end()) return found->second;
    if (overflow_errors_++ == 0) {
      warnings_.push_back("More than " + std::to_string(options_.max_errors) +
                          " different errors: all further ones are counted as \"" + overflow_error_ +
                          "\". Keep out of error texts what differs each time, such as ids and times.");
    }
  }
  auto key = std::make_shared<const ErrorKey>(ErrorKey{entry.key, std::string(text)});
  Error& error = errors_[{key->request.get(), key->text}];
  error.key = std::move(key);
  return error;
}

std::string_view Statistics::clean(std::string_view text, std::string& buffer) const {
  constexpr std::string_view ellipsis = "…";
  if (valid_utf8_prefix(text) != text.size()) text = buffer = valid_utf8(text);
  if (text.size() <= options_.max_text_bytes) return text;
  std::size_t end = options_.max_text_bytes - std::min(options_.max_text_bytes, ellipsis.size());
  const auto continues = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80; };
  while (end > 0 && continues(end)) --end;
  buffer = std::string(text.substr(0, end)).append(ellipsis);
  return buffer;
}

void Statistics::start_second(std::chrono::steady_clock::time_point steady) {
  wall_offset_ = options_.wall_clock().time_since_epoch() - steady.time_since_epoch();
  second_ = std::chrono::floor<std::chrono::seconds>(WallTime(steady.time_since_epoch() + wall_offset_));
  second_end_ = std::chrono::steady_clock::time_point(WallTime(second_ + std::chrono::seconds(1)).time_since_epoch() -
                                                      wall_offset_);
  if (options_.second_begins && !empty()) options_.second_begins();
}

std::size_t Statistics::Hash::operator()(const RequestView& view) const {
  const std::hash<std::string_view> hash;
  return hash(view.name) * 31 + hash(view.method);
}

std::size_t Statistics::Hash::operator()(const ErrorView& view) const {
  return std::hash<std::string_view>()(view.text) * 31 + std::hash<const void*>()(view.request);
}

}  // namespace katydid
