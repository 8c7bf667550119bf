#include "worker/log/recorder.hpp"

#include "worker/log/log.hpp"

namespace katydid {
namespace {

std::string shortened(std::string_view line) {
  if (line.size() <= LogRecorder::max_line_bytes) return std::string(line);
  std::size_t end = LogRecorder::max_line_bytes;
  const auto continues = [line](std::size_t i) { return (static_cast<unsigned char>(line[i]) & 0xC0) == 0x80; };
  while (end > 0 && continues(end)) --end;  // never in the middle of a UTF-8 character
  return std::string(line.substr(0, end)) + " ... (" + std::to_string(line.size() - end) + " bytes more)";
}

}  // namespace

void LogRecorder::add(std::string_view line) {
  std::string kept = shortened(line);
  std::lock_guard lock(mutex_);
  if (lines_.size() == max_lines) lines_.pop_front();
  lines_.push_back(std::move(kept));
  ++added_;
}

std::optional<std::vector<std::string>> LogRecorder::next_report() {
  if (disabled_) return std::nullopt;
  const auto new_lines = [this] {
    std::lock_guard lock(mutex_);
    return added_ - reported_;
  };
  // Locust compares the lengths of the lists, so it stops sending once 500 lines are kept; counting lines does not.
  const std::uint64_t count = new_lines();
  if (count == 0) return std::nullopt;
  if (count > max_new_lines) {
    disabled_ = true;
    log::Logger("katydid.runners")
        .warning(
            "The worker attempted to send more than {} log lines in one interval. Further log sending was disabled for "
            "this worker.",
            max_new_lines);
  }
  std::lock_guard lock(mutex_);
  reported_ = added_;
  return std::vector<std::string>(lines_.begin(), lines_.end());
}

}  // namespace katydid
