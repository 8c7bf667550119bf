#pragma once

#include "base/value.hpp"
#include "worker/user/unique_name.hpp"

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

class ArgumentParser;
class Environment;
class Response;
class User;

/// A custom message of the master, as Locust's listeners get it.
struct Message {
  std::string type;
  Value data;
};

/// A finished request, as listeners of Locust's `request` get it. Views are valid during the call.
struct RequestEvent {
  User& user;
  std::string_view request_type;
  std::string_view name;
  std::chrono::nanoseconds response_time;  ///< negative: it has none, Locust's None
  std::uint64_t response_length;
  const Response* response;    ///< nullptr of what User::record() reports
  const Value& context;        ///< the user's context() with that of the request; an object
  std::string_view exception;  ///< "": success
  std::string_view url;        ///< that was asked for, before redirects; "" of what User::record() reports
  std::chrono::system_clock::time_point start_time;
};

/// An exception that a user's code has thrown, as listeners of Locust's `user_error` get it.
struct UserErrorEvent {
  User& user_instance;
  std::exception_ptr exception;
  const std::string& message;
  const std::string& traceback;
};

/// A sign of life of the master.
struct HeartbeatEvent {
  std::string_view client_id;
  std::chrono::system_clock::time_point timestamp;
};

/// Every ten seconds, as Locust's CPU_MONITOR_INTERVAL says.
struct UsageEvent {
  Environment& environment;
  double cpu_usage;           ///< in percent of the cores that its shards can use
  std::int64_t memory_usage;  ///< resident, in bytes
};

/// What locustfiles hang on a test: Locust's events under their names, and register_message(). All but `request` and
/// `user_error`, which are called where they happen, are called on the thread of the first shard, so a slow listener
/// delays that shard's users and nothing else. What a listener throws is logged.
struct Hooks {
  template <class... Arguments>
  using Listeners = std::vector<std::function<void(Arguments...)>>;
  using MessageListener = std::function<void(const Message&)>;

  Listeners<Environment&> init, test_start, test_stopping, test_stop, quitting;
  Listeners<std::int64_t> spawning_complete;
  Listeners<const RequestEvent&> request;
  Listeners<const UserErrorEvent&> user_error;
  Listeners<Value&> report_to_master;
  Listeners<const HeartbeatEvent&> heartbeat_received;
  Listeners<const UsageEvent&> usage_monitor, cpu_warning;
  Listeners<int> quit;
  Listeners<ArgumentParser&> init_command_line_parser;
  std::map<std::string, MessageListener, std::less<>> messages;

  /// The ones that the loaded locustfiles registered.
  static Hooks& registered();
};

namespace detail {
struct Register {
  explicit Register(void (*registration)(Hooks&)) { registration(Hooks::registered()); }
};
}  // namespace detail

}  // namespace katydid

#define KATYDID_HOOK_(list, ...)                                          \
  static const ::katydid::detail::Register KATYDID_UNIQUE(katydid_hook_)( \
      [](::katydid::Hooks& hooks) { hooks.list.emplace_back(__VA_ARGS__); })

/// Once, when the worker is ready.
#define KATYDID_ON_INIT(...) KATYDID_HOOK_(init, __VA_ARGS__)
/// KATYDID_ON_TEST_START([](Environment& env) { … }); before the first user of a test starts.
#define KATYDID_ON_TEST_START(...) KATYDID_HOOK_(test_start, __VA_ARGS__)
/// When all users of this worker have started: [](std::int64_t user_count) { … }, of all workers.
#define KATYDID_ON_SPAWNING_COMPLETE(...) KATYDID_HOOK_(spawning_complete, __VA_ARGS__)
/// When a test is to stop, before its users are told.
#define KATYDID_ON_TEST_STOPPING(...) KATYDID_HOOK_(test_stopping, __VA_ARGS__)
/// After the last user of a test has stopped.
#define KATYDID_ON_TEST_STOP(...) KATYDID_HOOK_(test_stop, __VA_ARGS__)
/// KATYDID_ON_REQUEST([](const RequestEvent& request) { … }); on the thread of its user, after it was counted. As in
/// Locust, it may throw StopUser, StopTest, RescheduleTask, RescheduleTaskImmediately or InterruptTaskSet: the task
/// gets it where it awaits the request, and listeners that were added later don't hear of that one. With
/// `catch_response` the request is counted as its response goes, where nothing can be thrown: then the task gets it at
/// its next co_await that begins something, which does not begin, or at its end. The same holds for User::record().
#define KATYDID_ON_REQUEST(...) KATYDID_HOOK_(request, __VA_ARGS__)
/// KATYDID_ON_USER_ERROR([](const UserErrorEvent& error) { … }); on the thread of its user.
#define KATYDID_ON_USER_ERROR(...) KATYDID_HOOK_(user_error, __VA_ARGS__)
/// KATYDID_ON_REPORT_TO_MASTER([](Value& data) { data.set("mine", 3); }); adds to the next report what the listeners of
/// the master's `worker_report` find in its data. Locust's own keys can't be set.
#define KATYDID_ON_REPORT_TO_MASTER(...) KATYDID_HOOK_(report_to_master, __VA_ARGS__)
/// [](const HeartbeatEvent& heartbeat) { … }
#define KATYDID_ON_HEARTBEAT_RECEIVED(...) KATYDID_HOOK_(heartbeat_received, __VA_ARGS__)
/// [](const UsageEvent& usage) { … }, every ten seconds.
#define KATYDID_ON_USAGE_MONITOR(...) KATYDID_HOOK_(usage_monitor, __VA_ARGS__)
/// The same when the CPU usage is above 90 %.
#define KATYDID_ON_CPU_WARNING(...) KATYDID_HOOK_(cpu_warning, __VA_ARGS__)
/// Before the program ends: [](Environment& env) { … }. The listener that was registered last comes first.
#define KATYDID_ON_QUITTING(...) KATYDID_HOOK_(quitting, __VA_ARGS__)
/// The last of all: [](int exit_code) { … }
#define KATYDID_ON_QUIT(...) KATYDID_HOOK_(quit, __VA_ARGS__)
/// KATYDID_ON_INIT_COMMAND_LINE_PARSER([](ArgumentParser& parser) { parser.add_argument("--items", {…}); }); when the
/// locustfile is loaded. Users find the value in environment().parsed_options()["items"].
#define KATYDID_ON_INIT_COMMAND_LINE_PARSER(...) KATYDID_HOOK_(init_command_line_parser, __VA_ARGS__)
/// KATYDID_ON_MESSAGE("users", [](const Message& message) { … });
#define KATYDID_ON_MESSAGE(type, ...)                                     \
  static const ::katydid::detail::Register KATYDID_UNIQUE(katydid_hook_)( \
      [](::katydid::Hooks& hooks) { hooks.messages.insert_or_assign(type, __VA_ARGS__); })
