#pragma once

#include "base/value.hpp"

#include <atomic>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

/// What the web UI's class picker changed of a user class.
struct ClassEdit {
  std::optional<std::string> host{};
  std::optional<std::vector<std::string>> tasks{};  ///< the names of those that are left
  /// The master goes by these; here they tell how many users of the class there are on all workers. @{
  std::optional<int> weight{}, fixed_count{};
  /// @}
};

/// What holds for one test, as the master said it in its first spawn message and before.
struct TestSettings {
  std::string host{};                      ///< overrides the classes' own; empty: they keep theirs
  Value parsed_options = Value::object();  ///< the master's whole command line, custom arguments included
  std::vector<std::string> tags{}, exclude_tags{};
  std::map<std::string, ClassEdit> class_edits{};
};

/// The test that is running, seen from users and hooks: Locust's `environment`.
class Environment {
 public:
  virtual ~Environment() = default;
  /// "" when every class has its own.
  virtual std::string host() const = 0;
  /// Custom arguments: `environment().parsed_options()["my_argument"].as_string()`.
  virtual Value parsed_options() const = 0;
  /// Locust's worker_index; -1 before the master gave one, 0 without a master.
  virtual int worker_index() const = 0;
  /// The name by which the master knows this worker, Locust's `runner.client_id`; "" without a master.
  virtual std::string client_id() const { return {}; }
  /// Sends a custom message to the listener that the master registered for `type`. From any thread. Throws
  /// std::invalid_argument, with the reason, for a message that would stop the master: see protocol/codec.hpp's
  /// check().
  virtual void send_message(std::string_view type, Value data) = 0;
  /// Ends this worker as SIGTERM does, Locust's `runner.quit()`. From any thread.
  virtual void quit() = 0;

  /// The exit code of the process, Locust's `environment.process_exit_code`, for a listener of `quitting` to set;
  /// nothing until then: it is as the test went. From any thread. @{
  void set_process_exit_code(int code) { exit_code_ = code; }
  std::optional<int> process_exit_code() const {
    const int code = exit_code_;
    return code == unset ? std::nullopt : std::optional(code);
  }
  /// @}

 private:
  static constexpr int unset = std::numeric_limits<int>::min();
  std::atomic<int> exit_code_ = unset;
};

/// The process's environment; throws std::logic_error outside a run.
Environment& environment();

/// For runners.
void set_environment(Environment* environment);

}  // namespace katydid
