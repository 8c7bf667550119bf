#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace katydid {

/// One of an answer's server-sent events. The views are valid until the next one is asked for.
struct ServerSentEvent {
  std::string_view type;  ///< what its `event` line says; "message" without one
  std::string_view data;  ///< its `data` lines, LF between them
  std::string_view id;    ///< the last one that the stream has named, which need not be in this event
  std::optional<std::chrono::milliseconds> retry;  ///< the same of the time to wait before one connects again

  bool operator==(const ServerSentEvent&) const = default;
};

/// Makes server-sent events of lines, as WHATWG's standard has it ("Interpreting an event stream"): a byte order mark
/// in front, comments and unknown fields are passed over, what is not UTF-8 is replaced by U+FFFD, and an event without
/// data is none. What there is of an event when the lines end is no event.
class EventParser {
 public:
  /// The events of this stream may have that many bytes each.
  explicit EventParser(std::uint64_t most_bytes) : most_bytes_(most_bytes) {}

  enum class Progress { more, event, too_large };

  /// The next line, without its end. After an event, event() has it until the next line is taken.
  Progress take(std::string_view line);
  const ServerSentEvent& event() const { return event_; }

 private:
  Progress end_event();
  Progress add_data(std::string_view line);
  void set_retry(std::string_view digits);

  std::uint64_t most_bytes_;
  std::string type_, data_;  // of the event that is being read; data_ with LF after each line
  std::string id_;
  ServerSentEvent event_;
  bool started_ = false;  // a line came
  bool given_ = false;    // what is in type_ and data_ was given as an event
};

}  // namespace katydid
