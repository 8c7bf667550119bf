#include "worker/log/log.hpp"

#include "tests/support/captured_stderr.hpp"
#include "tests/support/temporary_directory.hpp"
#include "worker/log/recorder.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace katydid;
namespace fs = std::filesystem;

namespace {

// Lets each test start from, and leaves behind, the log's first state.
struct FreshLog {
  FreshLog() { reset(); }
  ~FreshLog() { reset(); }
  static void reset() {
    log::set_handler(nullptr);
    log::setup({});
  }
};

std::vector<std::string> lines_of(const fs::path& file) {
  std::ifstream stream(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::shared_ptr<LogRecorder> recording(log::Level level = log::Level::info) {
  auto recorder = std::make_shared<LogRecorder>();
  // Lines go to the recorder and to this handler, which keeps the test's output clean.
  log::set_handler([](log::Level, std::string_view, std::string_view) {});
  log::setup({.level = level, .recorder = recorder});
  return recorder;
}

std::string message_of(const std::string& line) { return line.substr(line.find(": ") + 2); }

}  // namespace

TEST_CASE("a line looks as Locust writes it") {
  FreshLog fresh;
  CapturedStderr captured;
  log::Logger("katydid.worker").warning("No heartbeat from {} for {} s", "master", 60);
  log::info("plain text with {braces}");
  const std::string text = captured.text();
  char host[256] = {};
  REQUIRE(gethostname(host, sizeof host - 1) == 0);
  const std::string short_name = std::string(host).substr(0, std::string(host).find('.'));
  const std::string stamp = R"(\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\] )";
  CHECK(std::regex_match(
      text, std::regex(stamp + short_name + "/WARNING/katydid\\.worker: No heartbeat from master for 60 s\n" + stamp +
                       short_name + "/INFO/root: plain text with \\{braces\\}\n")));
}

TEST_CASE("the time is local time") {
  FreshLog fresh;
  const auto recorder = recording();
  const std::time_t before = std::time(nullptr);
  log::info("now");
  const std::string line = recorder->next_report().value().back();
  std::tm parsed = {};
  REQUIRE(strptime(line.c_str(), "[%Y-%m-%d %H:%M:%S,", &parsed) != nullptr);
  parsed.tm_isdst = -1;
  const std::time_t written = std::mktime(&parsed);
  CHECK(written >= before);
  CHECK(written <= std::time(nullptr));
}

TEST_CASE("arguments are formatted as {fmt} does") {
  FreshLog fresh;
  const auto recorder = recording();
  const std::string owned = "owned";
  int object = 0;
  log::info("{} {} {} {}", owned, std::string_view("viewed"), "literal", 'c');
  log::info("{} {} {} {}", true, -7, std::uint64_t{18446744073709551615u}, std::int8_t{-3});
  log::info("{:.2f} {:>6} {:<4}| {:05d} {:x}", 3.14159, "right", "l", 42, 255u);
  log::info("{1}{0} {{}}", 1, 2);
  log::info("{}", static_cast<const void*>(&object));
  log::info("{}", 1.5f);
  const auto lines = recorder->next_report().value();
  REQUIRE(lines.size() == 6);
  CHECK(message_of(lines[0]) == "owned viewed literal c");
  CHECK(message_of(lines[1]) == "true -7 18446744073709551615 -3");
  CHECK(message_of(lines[2]) == "3.14  right l   | 00042 ff");
  CHECK(message_of(lines[3]) == "21 {}");
  CHECK(message_of(lines[4]).starts_with("0x"));
  CHECK(message_of(lines[5]) == "1.5");
}

TEST_CASE("a format that does not fit its arguments is written, not thrown") {
  FreshLog fresh;
  const auto recorder = recording();
  log::info("{} and {}", 1);
  log::info("{:d}", "text");
  log::info("{", 1);
  const auto lines = recorder->next_report().value();
  REQUIRE(lines.size() == 3);
  CHECK(message_of(lines[0]).starts_with("{} and {} (this log line's format does not fit its arguments: "));
  CHECK(message_of(lines[1]).starts_with("{:d} (this log line's"));
  CHECK(message_of(lines[2]).starts_with("{ (this log line's"));
}

TEST_CASE("levels below the one that is set are dropped") {
  FreshLog fresh;
  const auto recorder = recording(log::Level::warning);
  CHECK_FALSE(log::enabled(log::Level::info));
  log::debug("1");
  log::info("2");
  log::warning("3");
  log::error("4");
  log::critical("5");
  const auto lines = recorder->next_report().value();
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].ends_with("/WARNING/root: 3"));
  CHECK(lines[1].ends_with("/ERROR/root: 4"));
  CHECK(lines[2].ends_with("/CRITICAL/root: 5"));
  log::set_level(log::Level::debug);
  log::debug("6");
  CHECK(recorder->next_report().value().back().ends_with("/DEBUG/root: 6"));
}

TEST_CASE("level names are Locust's, in any case") {
  CHECK(log::level_from("DEBUG") == log::Level::debug);
  CHECK(log::level_from("info") == log::Level::info);
  CHECK(log::level_from("Warning") == log::Level::warning);
  CHECK(log::level_from("ERROR") == log::Level::error);
  CHECK(log::level_from("critical") == log::Level::critical);
  CHECK_FALSE(log::level_from("warn"));
  CHECK_FALSE(log::level_from(""));
  CHECK(log::to_string(log::Level::critical) == "CRITICAL");
}

TEST_CASE("a log file is appended to, its folders are made, and stderr stays silent") {
  FreshLog fresh;
  TemporaryDirectory directory;
  const fs::path file = directory.path / "logs" / "deep" / "worker.log";
  CapturedStderr captured;
  for (const char* text : {"first", "second"}) {
    log::setup({.file = file.string()});
    log::info("{}", text);
  }
  log::plain("a table");
  CHECK(captured.text() == "a table\n");
  const auto lines = lines_of(file);
  REQUIRE(lines.size() == 2);
  CHECK(message_of(lines[0]) == "first");
  CHECK(message_of(lines[1]) == "second");
}

TEST_CASE("a log file that can't be written is named") {
  FreshLog fresh;
  TemporaryDirectory directory;
  CHECK_THROWS_WITH_AS(log::setup({.file = directory.path.string()}), doctest::Contains(directory.path.c_str()),
                       std::runtime_error);
}

TEST_CASE("--skip-log-setup leaves bare warnings on stderr") {
  FreshLog fresh;
  const auto recorder = std::make_shared<LogRecorder>();
  log::setup({.level = log::Level::debug, .file = "unused.log", .skip = true, .recorder = recorder});
  CapturedStderr captured;
  log::info("not shown");
  log::warning("shown");
  CHECK(captured.text() == "shown\n");
  CHECK_FALSE(recorder->next_report());
  CHECK_FALSE(fs::exists("unused.log"));
}

TEST_CASE("a locustfile's own handler takes the lines, and may fail") {
  FreshLog fresh;
  const auto recorder = recording();
  std::vector<std::string> seen;
  log::set_handler([&seen](log::Level level, std::string_view logger, std::string_view text) {
    seen.push_back(std::string(log::to_string(level)) + " " + std::string(logger) + " " + std::string(text));
    throw std::runtime_error("the handler is broken");
  });
  log::error("one {}", 1);
  log::Logger("mine").info("two");
  CHECK(seen == std::vector<std::string>{"ERROR root one 1", "INFO mine two"});
  CHECK(recorder->next_report().value().size() == 2);
}

TEST_CASE("a report is the whole list, and only when there is something new") {
  LogRecorder recorder;
  CHECK_FALSE(recorder.next_report());
  recorder.add("a");
  recorder.add("b");
  CHECK(recorder.next_report() == std::vector<std::string>{"a", "b"});
  CHECK_FALSE(recorder.next_report());
  recorder.add("c");
  CHECK(recorder.next_report() == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("70 new lines in an interval are sent; 71 are sent with a warning and end the sending") {
  FreshLog fresh;
  const auto recorder = recording();
  for (int i = 0; i < 70; ++i) log::info("line {}", i);
  CHECK(recorder->next_report().value().size() == 70);
  for (int i = 0; i < 71; ++i) log::info("line {}", i);
  const auto last = recorder->next_report().value();
  CHECK(last.size() == 142);
  CHECK(last.back().ends_with(
      "/WARNING/katydid.runners: The worker attempted to send more than 70 log lines in one interval. Further log "
      "sending was disabled for this worker."));
  log::info("one more");
  CHECK_FALSE(recorder->next_report());
}

TEST_CASE("new lines are still reported when the list is full") {
  LogRecorder recorder;
  for (int i = 0; i < 600; ++i) {
    recorder.add(std::to_string(i));
    if (i % 50 == 49) {
      const auto report = recorder.next_report();
      REQUIRE(report);
      CHECK(report->size() == std::min(static_cast<std::size_t>(i) + 1, LogRecorder::max_lines));
      CHECK(report->back() == std::to_string(i));
    }
  }
}

TEST_CASE("a long line is kept cut off, between characters") {
  LogRecorder recorder;
  recorder.add(std::string(LogRecorder::max_line_bytes, 'x'));
  std::string umlauts = "x";
  while (umlauts.size() <= 2 * LogRecorder::max_line_bytes) umlauts += "\xC3\xBC";
  recorder.add(umlauts);
  const auto lines = recorder.next_report().value();
  CHECK(lines[0] == std::string(LogRecorder::max_line_bytes, 'x'));
  CHECK(lines[1].substr(0, 4095) == umlauts.substr(0, 4095));
  CHECK(lines[1].substr(4095) == " ... (4098 bytes more)");
}

TEST_CASE("lines of several threads stay whole") {
  FreshLog fresh;
  TemporaryDirectory directory;
  const fs::path file = directory.path / "log";
  const auto recorder = std::make_shared<LogRecorder>();
  log::setup({.file = file.string(), .recorder = recorder});
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([thread] {
      for (int i = 0; i < 250; ++i) log::info("thread {} line {} {}", thread, i, std::string(100, 'z'));
    });
  }
  for (auto& thread : threads) thread.join();
  const auto lines = lines_of(file);
  CHECK(lines.size() == 1000);
  const std::regex shape(R"(\[.{23}\] [^ ]+/INFO/root: thread \d line \d+ z{100})");
  for (const auto& line : lines) REQUIRE(std::regex_match(line, shape));
}
