#include "worker/command/options.hpp"

#include "base/version.hpp"
#include "worker/command/goals.hpp"
#include "worker/command/option_table.hpp"
#include "worker/command/option_values.hpp"
#include "worker/command/shell_texts.hpp"
#include "worker/process/cores.hpp"
#include "worker/process/health_check.hpp"

#include <CLI/CLI.hpp>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <system_error>

namespace katydid {
namespace {

using Takes = OptionSpec::Takes;

[[noreturn]] void fail(const std::string& text) { throw EarlyExit(2, "katydid: error: " + text + "\n"); }

std::string join(const std::vector<std::string>& words, const char* separator = " ") {
  std::string joined;
  for (const std::string& word : words) joined += (joined.empty() ? "" : separator) + word;
  return joined;
}

std::string slashed(std::string_view names) {
  std::string text(names);
  std::replace(text.begin(), text.end(), ',', '/');
  return text;
}

bool is_name_of(std::string_view names, std::string_view name) {
  for (std::size_t begin = 0; begin < names.size();) {
    const std::size_t end = std::min(names.find(',', begin), names.size());
    if (names.substr(begin, end - begin) == name) return true;
    begin = end + 1;
  }
  return false;
}

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row.back();
}

/// The command line, taken apart but not yet understood.
class CommandLine {
 public:
  CommandLine(int argc, const char* const* argv, const ArgumentParser& added) {
    app_.set_help_flag("");
    app_.allow_extras();
    for (const OptionSpec& spec : option_table()) options_.emplace(spec.long_name(), declare(spec));
    for (const RefusedOption& option : refused_options()) {
      refused_.emplace_back(app_.add_option(std::string(option.names))->expected(0, 1), &option);
    }
    for (const Argument& argument : added.arguments()) added_.emplace(argument.key(), declare(argument));
    app_.add_option("UserClass", user_classes_);
    std::vector<std::string> guarded(argv, argv + argc);
    for (std::string& each : guarded) guard(each);
    std::vector<const char*> given;
    given.reserve(guarded.size());
    for (const std::string& each : guarded) given.push_back(each.c_str());
    try {
      app_.parse(argc, given.data());
    } catch (const CLI::ParseError& error) {
      explain(error);
    }
  }

  bool has(std::string_view long_name) const { return options_.at(long_name)->count() > 0; }
  std::vector<std::string> values(std::string_view long_name) const {
    std::vector<std::string> given = as_given(options_.at(long_name)->results());
    std::erase(given, "");
    return given;
  }
  /// Of an argument that the test has added; nothing where it was not given.
  std::vector<std::string> added_values(const std::string& key) const { return as_given(added_.at(key)->results()); }
  std::vector<std::string> user_classes() const { return as_given(user_classes_); }

  void reject_refused() const {
    for (const auto& [option, refused] : refused_) {
      if (option->count() > 0) fail("argument " + slashed(refused->names) + ": " + std::string(refused->reason));
    }
  }

  void reject_unknown() const {
    std::vector<std::string> unknown = as_given(app_.remaining());
    std::erase(unknown, "--");  // ends the options; no argument by itself
    if (unknown.empty()) return;
    std::string text = "unrecognized arguments: " + join(unknown);
    if (const std::string_view near = closest(unknown.front()); !near.empty()) {
      text += "\nDid you mean '" + std::string(near) + "'?";
    }
    if (unknown.front().starts_with("--")) {
      text +=
          "\nIf it is an argument of the test, the locustfile has to add it: in C++ by "
          "KATYDID_ON_INIT_COMMAND_LINE_PARSER, in Python by a listener of events.init_command_line_parser. "
          "What the master's locustfile adds is given to 'locust --master', and users find it in parsed_options.";
    }
    fail(text);
  }

 private:
  /// CLI11 takes "[a,b]" apart where several values may come. JSON is to stay whole. @{
  static constexpr char guard_mark = '\1';
  static void guard(std::string& given) {
    if (given.starts_with('[') && given.ends_with(']')) given.push_back(guard_mark);
  }
  static std::vector<std::string> as_given(std::vector<std::string> guarded) {
    for (std::string& each : guarded) {
      if (each.ends_with(guard_mark)) each.pop_back();
    }
    return guarded;
  }
  /// @}

  CLI::Option* declare(const OptionSpec& spec) {
    const std::string names(spec.names);
    if (spec.takes == Takes::nothing)
      return app_.add_flag(names)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    CLI::Option* option = app_.add_option(names)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    if (spec.takes == Takes::any_number) return option->expected(0, -1)->allow_extra_args();
    return option->expected(1)->allow_extra_args(false);
  }

  CLI::Option* declare(const Argument& argument) {
    try {
      if (argument.options.default_value.is_bool())
        return app_.add_flag(argument.names)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
      return app_.add_option(argument.names)
          ->expected(1)
          ->allow_extra_args(false)
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    } catch (const CLI::OptionAlreadyAdded&) {
      fail("the locustfile adds the argument " + slashed(argument.names) + ", but katydid has one of that name");
    }
  }

  // CLI11's own words differ from release to release; all start with the option's name.
  [[noreturn]] void explain(const CLI::ParseError& error) const {
    const std::string_view words = error.what();
    for (const OptionSpec& spec : option_table()) {
      const std::string_view name = spec.long_name();
      const bool named = words.starts_with(name) && words.find_first_of(": ") == name.size();
      if (named && spec.takes != Takes::nothing) {
        fail("argument " + slashed(spec.names) + ": expected one argument");
      }
    }
    fail(std::string(words));
  }

  static std::string_view closest(std::string_view unknown) {
    unknown = unknown.substr(0, unknown.find('='));
    std::string_view best;
    std::size_t least = std::max<std::size_t>(2, unknown.size() / 3) + 1;
    const auto consider = [&](std::string_view names) {
      const std::string_view name = names.substr(names.rfind(',') + 1);
      if (const std::size_t far = distance(unknown, name); far < least) least = far, best = name;
    };
    for (const OptionSpec& spec : option_table()) consider(spec.names);
    return best;
  }

  CLI::App app_;
  std::map<std::string_view, CLI::Option*> options_;
  std::map<std::string, CLI::Option*> added_;
  std::vector<std::pair<CLI::Option*, const RefusedOption*>> refused_;
  std::vector<std::string> user_classes_;
};

std::optional<std::string> variable(const VariableLookup& variables, std::string_view name) {
  const char* const value = variables(std::string(name).c_str());
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

void set(const OptionSpec& spec, Options& options, const std::vector<std::string>& values, const std::string& source) {
  try {
    if (spec.set) {
      spec.set(options, values);
    } else if (spec.takes == Takes::nothing) {
      parse_flag(values.back());
    }
  } catch (const BadValue& error) {
    fail(source + ": invalid value '" + join(values) + "': " + error.what());
  }
}

void apply_command_line(const OptionSpec& spec, const CommandLine& line, Options& options) {
  const std::string source = "argument " + slashed(spec.names);
  const std::vector<std::string> values = line.values(spec.long_name());
  const bool takes_flags = spec.long_name() == "--cxxflags";
  for (const std::string& value : values) {
    const auto names_option = [&value](const OptionSpec& other) { return is_name_of(other.names, value); };
    if (!takes_flags && std::ranges::any_of(option_table(), names_option)) fail(source + ": expected one argument");
  }
  if (values.empty() && spec.takes != Takes::any_number) fail(source + ": expected one argument");
  set(spec, options, values, source);
}

/// False when there is none.
bool apply_environment(const OptionSpec& spec, const VariableLookup& variables, Options& options) {
  for (const std::string& name : split_commas(spec.environment)) {
    const auto value = variable(variables, name);
    if (!value) continue;
    const bool list = spec.takes == Takes::any_number && !is_json_object(*value);
    set(spec, options, list ? split_list(*value) : std::vector{*value}, "environment variable " + name);
    return true;
  }
  return false;
}

/// All configuration files together.
class Configuration {
 public:
  Configuration(const std::vector<std::string>& defaults, const std::vector<std::string>& given) {
    for (const std::string& name : defaults) {
      std::error_code error;
      if (std::filesystem::is_regular_file(name, error)) read(name);
    }
    for (const std::string& name : given) read(name);
  }

  /// False when it says nothing of the option.
  bool apply(const OptionSpec& spec, Options& options) const {
    const auto found = values_.find(spec.long_name().substr(2));
    if (found == values_.end()) return false;
    std::vector<std::string> values = found->second.values;
    if (values.empty()) values.emplace_back("true");
    set(spec, options, values, found->second.file + ": " + found->first);
    return true;
  }
  std::optional<bool> flag(std::string_view long_name) const {
    const auto found = values_.find(long_name.substr(2));
    if (found == values_.end()) return std::nullopt;
    return found->second.values.empty() || parse_flag(found->second.values.back());
  }
  std::optional<std::string> value(std::string name) const {
    std::ranges::replace(name, '_', '-');
    const auto found = values_.find(name);
    if (found == values_.end()) return std::nullopt;
    return found->second.values.empty() ? "true" : found->second.values.back();
  }
  /// One line for all that is neither an option here nor one that is refused on the command line.
  void warn_of_unknown(const ArgumentParser& added, std::vector<std::string>& warnings) const {
    for (const auto& [name, said] : values_) {
      std::string key = name;
      std::ranges::replace(key, '-', '_');
      if (std::ranges::find(added.arguments(), key, &Argument::key) != added.arguments().end()) continue;
      const std::string option = "--" + name;
      const auto is_it = [&](const auto& each) { return is_name_of(each.names, option); };
      if (std::ranges::any_of(option_table(), is_it) || std::ranges::any_of(refused_options(), is_it)) continue;
      warnings.push_back(said.file + ": '" + name + "' is no option of katydid, and is ignored.");
    }
  }

 private:
  struct Said {
    std::string file;
    std::vector<std::string> values;
  };
  void read(const std::string& name) {
    try {
      for (auto& [option, values] : parse_config(name, read_config_file(name))) {
        values_[option] = {name, std::move(values)};
      }
    } catch (const BadValue& error) {
      fail(error.what());
    }
  }
  std::map<std::string, Said, std::less<>> values_;
};

bool flag(std::string_view long_name, const CommandLine& line, const VariableLookup& variables,
          const Configuration& configuration) {
  if (line.has(long_name)) return parse_flag(line.values(long_name).back());
  const auto spec = std::ranges::find(option_table(), long_name, &OptionSpec::long_name);
  const auto value = variable(variables, spec->environment);
  return value ? parse_flag(*value) : configuration.flag(long_name).value_or(false);
}

void choose_mode(const CommandLine& line, const VariableLookup& variables, const Configuration& configuration,
                 Options& options) {
  const bool headless = flag("--headless", line, variables, configuration);
  const bool worker = flag("--worker", line, variables, configuration);
  const auto warn = [&](std::string_view name, const char* why) {
    if (line.has(name)) options.warnings.push_back(std::string(name) + " " + why);
  };
  constexpr std::array reports{"--csv", "--html", "--hdr-log", "--json", "--json-file"};
  if (options.mode == Mode::single_user) {
    for (const char* other : {"--headless", "--worker"}) {
      if (line.has(other)) fail(std::string("argument --run-single-user: can't be combined with ") + other);
    }
    if (!line.user_classes().empty()) {
      fail("argument --run-single-user: it names the one class to run, so '" + join(line.user_classes()) +
           "' must be left out");
    }
    for (const char* name : {"--users", "--spawn-rate", "--fail-if", "--find-max"}) {
      warn(name, "has no effect together with --run-single-user, which runs one user.");
    }
    for (const char* name : reports) {
      warn(name, "has no effect together with --run-single-user, which shows each request and reports nothing.");
    }
    return;
  }
  if (options.mode != Mode::worker) return;
  if (headless && !worker) options.mode = Mode::headless;

  if (options.mode == Mode::headless) {
    for (const char* name : {"--master-host", "--master-port", "--reconnect-forever"}) {
      warn(name, "has no effect together with --headless, which runs without a master.");
    }
    return;
  }
  if (worker) warn("--headless", "has no effect on a worker.");
  for (const char* name : {"--users", "--spawn-rate", "--run-time"}) {
    warn(name, "specified for a worker node will be ignored: the master decides it.");
  }
  for (const char* name : {"--fail-if", "--find-max"}) {
    warn(name, "has no effect on a worker, which knows its own requests only: goals.py has it for the master.");
  }
  warn("--only-summary", "has no effect on a worker, which prints no statistics.");
  for (const char* name : reports) {
    warn(name, "has no effect on a worker: give it to 'locust --master', which reports for all its workers.");
  }
}

constexpr long most_whole = 1'000'000'000'000'000;

Value value_of(const Argument& argument, const std::string& text, const std::string& source) {
  const Value& wanted = argument.options.default_value;
  const auto& choices = argument.options.choices;
  try {
    if (!choices.empty() && std::ranges::find(choices, text) == choices.end()) {
      throw BadValue("choose from " + join(choices, ", "));
    }
    if (wanted.is_bool()) return parse_flag(text);
    if (wanted.is_int()) return parse_integer(text, -most_whole, most_whole);
    if (wanted.is_double()) return parse_number(text);
  } catch (const BadValue& error) {
    fail(source + ": invalid value '" + text + "': " + error.what());
  }
  return text;
}

void apply_added(const ArgumentParser& added, const CommandLine& line, const VariableLookup& variables,
                 const Configuration& configuration, Value& parsed) {
  for (const Argument& argument : added.arguments()) {
    const auto given = line.added_values(argument.key());
    const auto from_variable = variable(variables, argument.options.env_var);
    if (!given.empty()) {
      parsed.set(argument.key(), value_of(argument, given.back(), "argument " + slashed(argument.names)));
    } else if (from_variable) {
      parsed.set(argument.key(),
                 value_of(argument, *from_variable, "environment variable " + argument.options.env_var));
    } else if (const auto configured = configuration.value(argument.key())) {
      parsed.set(argument.key(), value_of(argument, *configured, "the configuration's " + argument.key()));
    } else if (argument.options.required) {
      fail("the following arguments are required: " + slashed(argument.names));
    } else {
      parsed.set(argument.key(), argument.options.default_value);
    }
  }
}

/// In Locust's names.
Value own_names(const Options& options) {
  Value parsed = Value::object();
  parsed.set("host", options.host.empty() ? Value() : Value(options.host));
  parsed.set("num_users", options.users);
  parsed.set("spawn_rate", options.spawn_rate);
  parsed.set("run_time", options.run_time.count() > 0 ? Value(options.run_time.count()) : Value());
  parsed.set("headless", options.mode == Mode::headless);
  parsed.set("tags", options.tags);
  parsed.set("exclude_tags", options.exclude_tags);
  parsed.set("user_classes", options.user_classes);
  parsed.set("stop_timeout", options.stop_timeout.count());
  parsed.set("exit_code_on_error", options.exit_code_on_error);
  return parsed;
}

void refuse_master_variable(const VariableLookup& variables) {
  const auto value = variable(variables, "LOCUST_MODE_MASTER");
  try {
    if (value && parse_flag(*value)) {
      fail(
          "environment variable LOCUST_MODE_MASTER: katydid is a worker only. Unset the variable, and start the master "
          "with 'locust --master'");
    }
  } catch (const BadValue&) {
    // The master's own business.
  }
}

std::size_t terminal_width(const VariableLookup& variables) {
  winsize size = {};
  long width = 80;
  if (const auto columns = variable(variables, "COLUMNS")) {
    width = std::atol(columns->c_str());
  } else if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
    width = size.ws_col;
  }
  return static_cast<std::size_t>(std::clamp(width, 60L, 120L));
}

std::string version_text() {
#ifdef __clang__
  const char* const compiler = "";
#else
  const char* const compiler = "GCC ";
#endif
  return "katydid " + std::string(version) + " (" + compiler + __VERSION__ + ")\n";
}

std::string completion_for(const CommandLine& line) {
  const auto shells = line.values("--completion");
  std::string text = shells.empty() ? "" : completion(shells.back());
  if (text.empty()) fail("argument --completion: choose from bash, zsh, fish");
  return text;
}

/// --health: the answer is the end of the program.
[[noreturn]] void tell_health(const CommandLine& line) {
  std::vector<pid_t> processes;
  for (const std::string& value : line.values("--health")) {
    try {
      processes.push_back(static_cast<pid_t>(parse_integer(value, 1, std::numeric_limits<pid_t>::max())));
    } catch (const BadValue& error) {
      fail("argument --health: invalid value '" + value + "': " + error.what());
    }
  }
  const Health health = check_health(processes);
  throw EarlyExit(health.well ? 0 : 1, health.text);
}

enum class Pass { for_loading, whole };

Options parse(int argc, const char* const* argv, const VariableLookup& variables,
              const std::vector<std::string>& config_files, const ArgumentParser& added, Pass pass);

}  // namespace

VariableLookup process_variables() {
  return [](const char* name) -> const char* { return std::getenv(name); };
}

Options parse_options(int argc, const char* const* argv, const VariableLookup& variables,
                      const std::vector<std::string>& config_files, const ArgumentParser& added) {
  return parse(argc, argv, variables, config_files, added, Pass::whole);
}

Options parse_options_for_loading(int argc, const char* const* argv, const VariableLookup& variables,
                                  const std::vector<std::string>& config_files) {
  return parse(argc, argv, variables, config_files, {}, Pass::for_loading);
}

namespace {

Options parse(int argc, const char* const* argv, const VariableLookup& variables,
              const std::vector<std::string>& config_files, const ArgumentParser& added, Pass pass) {
  const CommandLine line(argc, argv, added);
  const bool whole = pass == Pass::whole;
  if (whole && line.has("--help")) throw EarlyExit(0, help_text(terminal_width(variables), added));
  if (line.has("--version")) throw EarlyExit(0, version_text());
  if (line.has("--man-page")) throw EarlyExit(0, man_page());
  if (line.has("--print-goals")) throw EarlyExit(0, std::string(goals_locustfile));
  if (line.has("--health")) tell_health(line);
  if (line.has("--completion")) throw EarlyExit(0, completion_for(line));
  line.reject_refused();
  if (whole) line.reject_unknown();
  refuse_master_variable(variables);

  const Configuration configuration(config_files, line.values("--config"));
  Options options;
  options.processes = usable_cores();
  for (const OptionSpec& spec : option_table()) {
    if (line.has(spec.long_name())) {
      apply_command_line(spec, line, options);
    } else if (!apply_environment(spec, variables, options)) {
      configuration.apply(spec, options);
    }
  }
  options.user_classes = line.user_classes();
  if (options.user_classes.empty() && options.mode != Mode::single_user) {
    options.user_classes = split_list(variable(variables, "LOCUST_USER_CLASSES").value_or(""));
  }
  choose_mode(line, variables, configuration, options);
  options.help = line.has("--help");
  if (options.reports.csv_full_history && options.reports.csv_prefix.empty())
    fail("argument --csv-full-history: it needs --csv, which names the files");
  if (options.reports.hdr_names && options.reports.hdr_file.empty())
    fail("argument --hdr-log-names: it needs --hdr-log, which names the file");
  if (!whole) return options;
  configuration.warn_of_unknown(added, options.warnings);
  options.parsed = own_names(options);
  apply_added(added, line, variables, configuration, options.parsed);
  return options;
}

template <class Parse>
Options or_exit(Parse&& parse) {
  try {
    return parse();
  } catch (const EarlyExit& exit) {
    std::fputs(exit.text().c_str(), exit.code() == 0 ? stdout : stderr);
    std::exit(exit.code());
  }
}

}  // namespace

Options parse_options_or_exit(int argc, const char* const* argv, const ArgumentParser& added) {
  return or_exit([&] { return parse_options(argc, argv, process_variables(), default_config_files(), added); });
}

Options parse_options_for_loading_or_exit(int argc, const char* const* argv) {
  return or_exit([&] { return parse_options_for_loading(argc, argv); });
}

}  // namespace katydid
