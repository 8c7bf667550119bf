#pragma once

#include "net/reactor/reactor.hpp"
#include "worker/command/config_files.hpp"
#include "worker/command/threshold.hpp"
#include "worker/log/log.hpp"
#include "worker/reports/reports.hpp"
#include "worker/user/arguments.hpp"

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace katydid {

/// What the command line asks for. Without --headless and the like it is a worker, with or without --worker.
enum class Mode { worker, headless, single_user, list, master_locustfile, task_ratio, task_ratio_json, compile };

/// The command line and its environment variables: those of `locust --worker`, under Locust's names.
struct Options {
  Mode mode = Mode::worker;

  std::vector<std::string> locustfiles{"locustfile.cpp"};
  std::string host{};                       ///< empty: each user class's own
  std::vector<std::string> user_classes{};  ///< empty: all; not checked here against those that exist
  std::string single_user{};                ///< the class of Mode::single_user

  std::string master_host = "127.0.0.1";
  std::uint16_t master_port = 5557;
  bool reconnect_forever = false;
  int processes = 1;  ///< shards, each on a thread of its own; parse_options() makes it one per core by default
  bool processes_given = false;
  int workers = 1;   ///< as so many the master sees this program; the shards are divided among them
  bool pin = false;  ///< each shard's thread to a core of its own
  EventLoop event_loop = EventLoop::automatic;
  bool busy_poll = false;  ///< loops do not sleep

  int users = 1;
  bool users_given = false;
  double spawn_rate = 1;             ///< users per second
  std::chrono::seconds run_time{0};  ///< 0: until it is interrupted
  std::chrono::seconds stop_timeout{0};
  bool only_summary = false;
  bool plain = false;  ///< no live view on a terminal
  int exit_code_on_error = 1;
  std::vector<Threshold> fail_if{};
  std::vector<Threshold> find_max{};  ///< what has to hold; empty: no search
  std::chrono::seconds find_max_step{10};
  ReportOptions reports{};
  std::string metrics_host = "127.0.0.1";
  std::optional<std::uint16_t> metrics_port{};  ///< none: no metrics; 0: a free one
  bool otel = false;                            ///< as OpenTelemetry's own variables say

  std::vector<std::string> tags{}, exclude_tags{};
  bool equal_weights = false;
  std::vector<std::string> config_users{};      ///< JSON texts
  std::vector<std::string> arrival_rates{};     ///< "CLASS=RATE", each of them right
  bool report_service_time = false;             ///< beside the time from when a task was due
  bool latency_correction = false;              ///< for users that wait for the server
  bool report_phases = false;                   ///< of requests, as entries of the statistics
  std::vector<std::string> resolve{};           ///< "HOST:PORT:ADDRESS", each of them right
  std::vector<std::string> source_addresses{};  ///< users take them in turn
  bool rotate_addresses = false;                ///< so they do with the addresses of a name
  std::optional<std::uint64_t> seed{};          ///< of what is left to chance in users
  bool reset_stats = false;
  bool report_loop_lag = false;  ///< as an entry of the statistics
  bool locust_rounding = false;  ///< response times in whole milliseconds, as Python's worker sends them

  log::Level loglevel = log::Level::info;
  std::string logfile{};      ///< empty: stderr
  std::string request_log{};  ///< a file; empty: none
  bool skip_log_setup = false;

  std::string compiler{};  ///< a command, perhaps of several words ("ccache g++"); empty: found by itself
  std::vector<std::string> compiler_flags{};
  bool debug = false;        ///< the locustfile is compiled for a debugger
  std::string cache_dir{};   ///< empty: the user's cache directory
  std::string compile_to{};  ///< the shared object that Mode::compile writes

  bool help = false;  ///< was asked for; only of parse_options_for_loading()
  /// All that users may read of it: Locust's own names, and the arguments that the test has added.
  Value parsed = Value::object();

  /// What was given and has no effect; to be logged as warnings once logging is set up.
  std::vector<std::string> warnings{};
};

/// The program ends before it does anything: after --help and --version (code 0), or because the command line is wrong
/// (code 2, as Locust's).
class EarlyExit : public std::exception {
 public:
  EarlyExit(int code, std::string text) : code_(code), text_(std::move(text)) {}
  const char* what() const noexcept override { return text_.c_str(); }
  /// What to print, to stdout when code() is 0 and to stderr otherwise; ends with a newline.
  const std::string& text() const { return text_; }
  int code() const { return code_; }

 private:
  int code_;
  std::string text_;
};

/// Looks up an environment variable, as std::getenv does: null when it is not set.
using VariableLookup = std::function<const char*(const char* name)>;
VariableLookup process_variables();

/// Throws EarlyExit. The command line overrides the variables; a variable that is set but empty counts as not set.
/// `config_files` are read where they are there, each over the ones before it; variables override them.
Options parse_options(int argc, const char* const* argv, const VariableLookup& variables = process_variables(),
                      const std::vector<std::string>& config_files = default_config_files(),
                      const ArgumentParser& added = {});

/// What is needed before the locustfile is there, which may add arguments: takes whatever it does not know.
Options parse_options_for_loading(int argc, const char* const* argv,
                                  const VariableLookup& variables = process_variables(),
                                  const std::vector<std::string>& config_files = default_config_files());

/// For main(): prints what an EarlyExit says and ends the program. @{
Options parse_options_or_exit(int argc, const char* const* argv, const ArgumentParser& added);
Options parse_options_for_loading_or_exit(int argc, const char* const* argv);
/// @}

}  // namespace katydid
