#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace katydid {
class LogRecorder;
}

/// Logging as in Locust: a line is `[2026-11-24 13:00:00,123] host/INFO/root: text`, goes to stderr or to --logfile,
/// and is shown in the Logs tab of the master's web UI.
///
///     log::info("logged in as {}", name);
///     log::warning("{} of {} items were missing, {:.1f} %", missing, total, 100.0 * missing / total);
///
/// Format strings are those of {fmt} and std::format, for numbers, bool, char and text; a text without arguments is
/// written as it is, braces included. Thread-safe; a line that can't be formatted or written never throws.
namespace katydid::log {

enum class Level { debug, info, warning, error, critical };

/// "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL".
std::string_view to_string(Level level) noexcept;
/// In upper or lower case, as Locust's --loglevel takes them.
std::optional<Level> level_from(std::string_view name) noexcept;

/// One value of a line, so that formatting is compiled once and not in every locustfile.
class Argument {
 public:
  enum class Kind { boolean, character, integer, natural, number, text, pointer };

  template <std::same_as<bool> T>
  Argument(T value) noexcept : kind(Kind::boolean), boolean(value) {}
  template <std::same_as<char> T>
  Argument(T value) noexcept : kind(Kind::character), character(value) {}
  template <std::signed_integral T>
    requires(!std::same_as<T, char>)
  Argument(T value) noexcept : kind(Kind::integer), integer(value) {}
  template <std::unsigned_integral T>
    requires(!std::same_as<T, bool> && !std::same_as<T, char>)
  Argument(T value) noexcept : kind(Kind::natural), natural(value) {}
  template <std::floating_point T>
  Argument(T value) noexcept : kind(Kind::number), number(static_cast<double>(value)) {}
  template <class T>
    requires(std::convertible_to<const T&, std::string_view>)
  Argument(const T& value) noexcept : kind(Kind::text), text(value) {}
  Argument(const void* value) noexcept : kind(Kind::pointer), pointer(value) {}

  Kind kind;
  union {
    bool boolean;
    char character;
    std::int64_t integer;
    std::uint64_t natural;
    double number;
    std::string_view text;
    const void* pointer;
  };
};

/// Whether lines of this level are written at all.
bool enabled(Level level) noexcept;
/// What the functions below do; `arguments` may be null when `count` is 0.
void write(Level level, std::string_view logger, std::string_view format, const Argument* arguments,
           std::size_t count) noexcept;

/// Writes lines under a name, as Python's logging.getLogger(name).
class Logger {
 public:
  constexpr explicit Logger(std::string_view name) noexcept : name_(name) {}

  template <class... T>
  void log(Level level, std::string_view format, const T&... arguments) const noexcept {
    if (!enabled(level)) return;
    if constexpr (sizeof...(T) == 0) {
      write(level, name_, format, nullptr, 0);
    } else {
      const Argument list[] = {Argument(arguments)...};
      write(level, name_, format, list, sizeof...(T));
    }
  }
  template <class... T>
  void debug(std::string_view format, const T&... arguments) const noexcept {
    log(Level::debug, format, arguments...);
  }
  template <class... T>
  void info(std::string_view format, const T&... arguments) const noexcept {
    log(Level::info, format, arguments...);
  }
  template <class... T>
  void warning(std::string_view format, const T&... arguments) const noexcept {
    log(Level::warning, format, arguments...);
  }
  template <class... T>
  void error(std::string_view format, const T&... arguments) const noexcept {
    log(Level::error, format, arguments...);
  }
  template <class... T>
  void critical(std::string_view format, const T&... arguments) const noexcept {
    log(Level::critical, format, arguments...);
  }

 private:
  std::string_view name_;
};

/// Python's root logger, which is what a locustfile's logging.info() writes to.
inline constexpr Logger root{"root"};

template <class... T>
void debug(std::string_view format, const T&... arguments) noexcept {
  root.debug(format, arguments...);
}
template <class... T>
void info(std::string_view format, const T&... arguments) noexcept {
  root.info(format, arguments...);
}
template <class... T>
void warning(std::string_view format, const T&... arguments) noexcept {
  root.warning(format, arguments...);
}
template <class... T>
void error(std::string_view format, const T&... arguments) noexcept {
  root.error(format, arguments...);
}
template <class... T>
void critical(std::string_view format, const T&... arguments) noexcept {
  root.critical(format, arguments...);
}

/// A line without the prefix, at any level, as Locust prints its tables: to stderr even when there is a log file.
void plain(std::string_view text) noexcept;

/// Where lines go. What was logged before setup() went to stderr, from level INFO.
struct Setup {
  Level level = Level::info;
  /// Appended to, its folders are made; empty: stderr.
  std::string file{};
  /// --skip-log-setup: Python's defaults, which are the bare text of warnings and worse on stderr, until the locustfile
  /// sets a level and a handler of its own.
  bool skip = false;
  /// Keeps the lines for the master; may be null.
  std::shared_ptr<LogRecorder> recorder{};
};

/// Throws std::runtime_error when the file can't be opened.
void setup(const Setup& setup);

/// For a locustfile that does its logging itself.
void set_level(Level level) noexcept;
/// Takes the lines in place of stderr or the file; called under the log's lock, so it must not log. It may throw.
using Handler = std::function<void(Level level, std::string_view logger, std::string_view text)>;
void set_handler(Handler handler);

}  // namespace katydid::log
