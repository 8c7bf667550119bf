#pragma once
#include "base/value.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// What a Locust master and its workers say to each other, as plain data. Times are chrono types here;
/// milliseconds, epoch seconds and msgpack exist only in the codec.
namespace katydid::protocol {

/// A wall-clock stamp with fractions of a second, as Python's time.time().
using EpochTime = std::chrono::sys_time<std::chrono::duration<double>>;
using Milliseconds = std::chrono::duration<double, std::milli>;
using Seconds = std::chrono::duration<double>;
/// Users per class name: absolute numbers, never increments.
using UserClassesCount = std::map<std::string, std::int64_t>;

/// A worker's state as the master shows it.
enum class State { ready, spawning, running, cleanup, stopping, stopped, missing };

/// Locust's own word for the state ("ready", …).
std::string_view to_string(State state);

/// The state of that word, or nothing.
std::optional<State> state_from(std::string_view word);

/// A message whose type neither side knows: data between the listeners that users registered.
struct CustomMessage {
  std::string type;
  Value data;
};

/// Statistics of one (method, name) since the last report.
struct StatsEntry {
  std::string name;
  std::string method;
  std::optional<EpochTime> last_request_timestamp;
  EpochTime start_time{};
  /// Failures and requests without a response time included.
  std::uint64_t num_requests = 0;
  std::uint64_t num_none_requests = 0;
  std::uint64_t num_failures = 0;
  Milliseconds total_response_time{};
  Milliseconds max_response_time{};
  /// Empty when nothing was timed.
  std::optional<Milliseconds> min_response_time;
  std::uint64_t total_content_length = 0;
  /// Histogram: rounded response time and how often. Each key once.
  std::vector<std::pair<Milliseconds, std::uint64_t>> response_times;
  std::vector<std::pair<std::chrono::sys_seconds, std::uint64_t>> num_reqs_per_sec;
  std::vector<std::pair<std::chrono::sys_seconds, std::uint64_t>> num_fail_per_sec;
};

/// One line of the master's Failures tab since the last report.
struct StatsError {
  std::string name;
  std::string method;
  std::string error;
  std::uint64_t occurrences = 0;
  std::optional<EpochTime> first_seen;
  std::optional<EpochTime> last_seen;
  /// What the master tells errors apart by, see error_key(). When empty, a text made of the first three.
  std::string key{};
};

namespace to_master {

/// Registers the worker; again after each stop. Without a version the master compares none.
struct ClientReady {
  std::optional<std::string> version;
};

/// Every second. Only running, spawning, ready and stopped workers are counted by the master.
struct Heartbeat {
  State state = State::ready;
  /// Percent; the master warns above 90.
  double cpu_usage = 0;
  std::int64_t memory_bytes = 0;
};

/// A spawn message has arrived. The master answers `quit` to an id that it doesn't know.
struct Spawning {};

/// A spawn message has been carried out. Never before `ack`: older masters raise for an unknown id.
struct SpawningComplete {
  UserClassesCount user_classes_count;
  std::int64_t user_count = 0;
};

/// The report of every three seconds: what happened since the last one.
struct Stats {
  /// Entries with requests or failures only; their sum is the total.
  std::vector<StatsEntry> stats;
  /// The codec names it "Aggregated".
  StatsEntry total;
  std::vector<StatsError> errors;
  UserClassesCount user_classes_count;
  std::int64_t user_count = 0;
  /// What listeners of `report_to_master` add: an object that check_additions() has let through.
  Value additions{};
};

/// An uncaught exception of a task.
struct Exception {
  std::string message;
  std::string traceback;
};

/// All log lines so far, not only the new ones. The worker's id is added by the codec.
struct Logs {
  std::vector<std::string> lines;
};

/// All users have stopped; the master forgets the worker until its next ClientReady.
struct ClientStopped {};

/// The worker leaves on its own.
struct Quit {};

/// Asks for the master's locustfiles (`-f -`).
struct LocustfileRequest {
  std::string version;
};

}  // namespace to_master

namespace from_master {

/// Registered. Masters up to 2.10.2 send no index.
struct Ack {
  std::optional<std::int64_t> index;
};

/// Run exactly these users: start or stop the difference.
struct Spawn {
  /// A message that is not newer than the last one is to be discarded.
  EpochTime timestamp{};
  UserClassesCount user_classes_count;
  /// Overrides the host of the classes; empty when the master has none.
  std::optional<std::string> host;
  /// How long a user may finish its task when it is stopped; between 0 and 10^9 s.
  Seconds stop_timeout{};
  /// The master's whole command line, an object. Dates stay as {"__datetime__": true, "as_str": …}.
  Value parsed_options = Value::object();
  std::vector<std::string> tags;
  std::vector<std::string> exclude_tags;
};

/// The ramp-up is over on all workers.
struct SpawningComplete {
  std::int64_t user_count = 0;
};

/// Stop all users, report, ClientStopped, ClientReady.
struct Stop {};

/// Stop all users, report, exit.
struct Quit {};

/// The master could not read something: rebuild the socket under the same identity.
struct Reconnect {};

/// The answer to each heartbeat.
struct HeartbeatReply {};

/// An edit of the web UI's class picker.
struct UpdateUserClass {
  std::string user_class_name;
  /// The whole object: host, weight, fixed_count, tasks, …
  Value data;
};

/// The answer to LocustfileRequest.
struct Locustfile {
  /// A file's name and contents, or a URL to fetch and no contents.
  struct Source {
    std::string name_or_url;
    std::optional<std::string> contents;
  };
  std::vector<Source> files;
  /// Why the master has none to give.
  std::optional<std::string> error;
};

}  // namespace from_master

using ToMaster = std::variant<to_master::ClientReady, to_master::Heartbeat, to_master::Spawning,
                              to_master::SpawningComplete, to_master::Stats, to_master::Exception, to_master::Logs,
                              to_master::ClientStopped, to_master::Quit, to_master::LocustfileRequest, CustomMessage>;

using FromMaster = std::variant<from_master::Ack, from_master::Spawn, from_master::SpawningComplete, from_master::Stop,
                                from_master::Quit, from_master::Reconnect, from_master::HeartbeatReply,
                                from_master::UpdateUserClass, from_master::Locustfile, CustomMessage>;

}  // namespace katydid::protocol
