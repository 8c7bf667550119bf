#include "worker/log/log.hpp"

#include <spdlog/details/log_msg.h>
#include <spdlog/fmt/fmt.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>
#ifdef SPDLOG_FMT_EXTERNAL
#include <fmt/args.h>
#else
#include <spdlog/fmt/bundled/args.h>
#endif

#include "worker/log/recorder.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <stdexcept>

namespace katydid::log {
namespace {

constexpr std::array<std::string_view, 5> names = {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"};
constexpr const char* bare = "%v";

struct State {
  std::atomic<Level> level{Level::info};

  std::mutex mutex;  // guards what follows
  bool prefix = true;
  std::shared_ptr<spdlog::sinks::sink> console = std::make_shared<spdlog::sinks::stderr_sink_st>();
  std::shared_ptr<spdlog::sinks::sink> output = console;
  std::shared_ptr<LogRecorder> recorder;
  Handler handler;
  spdlog::pattern_formatter stamp{"[%Y-%m-%d %H:%M:%S,%e] ", spdlog::pattern_time_type::local, ""};

  State() { console->set_pattern(bare); }
};

// Never destroyed: threads and static destructors may still log while the program ends.
State& state() {
  static State& instance = *new State;
  return instance;
}

std::string host_name() {
  char name[256] = {};
  if (gethostname(name, sizeof name - 1) != 0) return "localhost";
  const std::string full = name;
  return full.substr(0, full.find('.'));
}

std::string_view host() {
  static const std::string& name = *new std::string(host_name());
  return name;
}

void push(fmt::dynamic_format_arg_store<fmt::format_context>& store, const Argument& argument) {
  switch (argument.kind) {
    case Argument::Kind::boolean:
      return store.push_back(argument.boolean);
    case Argument::Kind::character:
      return store.push_back(argument.character);
    case Argument::Kind::integer:
      return store.push_back(argument.integer);
    case Argument::Kind::natural:
      return store.push_back(argument.natural);
    case Argument::Kind::number:
      return store.push_back(argument.number);
    case Argument::Kind::text:
      return store.push_back(fmt::string_view(argument.text.data(), argument.text.size()));
    case Argument::Kind::pointer:
      return store.push_back(argument.pointer);
  }
}

std::string format_text(std::string_view format, const Argument* arguments, std::size_t count) {
  if (count == 0) return std::string(format);
  fmt::dynamic_format_arg_store<fmt::format_context> store;
  for (std::size_t i = 0; i < count; ++i) push(store, arguments[i]);
  try {
    return fmt::vformat(fmt::string_view(format.data(), format.size()), store);
  } catch (const std::exception& error) {
    return fmt::format("{} (this log line's format does not fit its arguments: {})",
                       fmt::string_view(format.data(), format.size()), error.what());
  }
}

void send(spdlog::sinks::sink& sink, std::string_view line) {
  sink.log(spdlog::details::log_msg("", spdlog::level::info, spdlog::string_view_t(line.data(), line.size())));
  sink.flush();
}

std::string prefixed(State& log, Level level, std::string_view logger, std::string_view text) {
  spdlog::memory_buf_t line;
  log.stamp.format(spdlog::details::log_msg("", spdlog::level::info, ""), line);
  for (const std::string_view part :
       {host(), std::string_view("/"), to_string(level), std::string_view("/"), logger, std::string_view(": "), text}) {
    line.append(part.data(), part.data() + part.size());
  }
  return std::string(line.data(), line.size());
}

}  // namespace

std::string_view to_string(Level level) noexcept { return names[static_cast<std::size_t>(level)]; }

std::optional<Level> level_from(std::string_view name) noexcept {
  const auto same = [name](std::string_view candidate) {
    return std::equal(name.begin(), name.end(), candidate.begin(), candidate.end(),
                      [](char a, char b) { return (a >= 'a' && a <= 'z' ? a - 'a' + 'A' : a) == b; });
  };
  const auto found = std::find_if(names.begin(), names.end(), same);
  if (found == names.end()) return std::nullopt;
  return static_cast<Level>(found - names.begin());
}

bool enabled(Level level) noexcept { return level >= state().level.load(std::memory_order_relaxed); }

void write(Level level, std::string_view logger, std::string_view format, const Argument* arguments,
           std::size_t count) noexcept {
  try {
    const std::string text = format_text(format, arguments, count);
    State& log = state();
    std::lock_guard lock(log.mutex);
    const std::string line = log.prefix ? prefixed(log, level, logger, text) : text;
    if (log.recorder) log.recorder->add(line);
    if (log.handler) {
      log.handler(level, logger, text);
    } else {
      send(*log.output, line);
    }
  } catch (...) {
    // A full disk or a closed terminal must not end a load test.
  }
}

void plain(std::string_view text) noexcept {
  try {
    State& log = state();
    std::lock_guard lock(log.mutex);
    if (log.recorder) log.recorder->add(text);
    send(*log.console, text);
  } catch (...) {
  }
}

void setup(const Setup& setup) {
  State& log = state();
  std::lock_guard lock(log.mutex);
  if (setup.file.empty() || setup.skip) {
    log.output = log.console;
  } else {
    try {
      log.output = std::make_shared<spdlog::sinks::basic_file_sink_st>(setup.file);
      log.output->set_pattern(bare);
    } catch (const std::exception& error) {
      throw std::runtime_error("--logfile '" + setup.file + "' can't be written: " + error.what());
    }
  }
  log.prefix = !setup.skip;
  log.recorder = setup.skip ? nullptr : setup.recorder;
  log.level = setup.skip ? Level::warning : setup.level;
}

void set_level(Level level) noexcept { state().level = level; }

void set_handler(Handler handler) {
  State& log = state();
  std::lock_guard lock(log.mutex);
  log.handler = std::move(handler);
}

}  // namespace katydid::log
