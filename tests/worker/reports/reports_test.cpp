#include "worker/reports/reports.hpp"

#include "base/value.hpp"
#include "tests/worker/statistics/support.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

using namespace katydid;
using namespace std::chrono_literals;
using katydid::test::ManualTime;
namespace files = std::filesystem;

namespace {

struct Folder {
  files::path path = files::temp_directory_path() / ("katydid-reports-" + std::to_string(::getpid()));
  Folder() { files::create_directories(path); }
  ~Folder() { files::remove_all(path); }
  std::string operator/(const char* name) const { return (path / name).string(); }
};

std::string read(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::size_t lines_of(const std::string& text) { return static_cast<std::size_t>(std::ranges::count(text, '\n')); }

struct Run {
  ManualTime time;
  Statistics statistics{time.options()};
  RunningStatistics total{time.wall};
  Reports reports;

  explicit Run(const ReportOptions& options, reports::RunFacts facts = {}) : reports(options, std::move(facts)) {
    reports.begin(time.wall);
  }
  void second(int requests, std::chrono::nanoseconds response_time) {
    for (int i = 0; i < requests; ++i)
      statistics.record({.method = "GET", .name = "/", .response_time = response_time, .response_length = 10});
    time.advance(1s);
    const StatisticsDelta delta = statistics.take();
    total.add(delta);
    reports.add(delta);
    reports.look(total, {.now = time.wall, .users = 3});
  }
  void finish() { reports.finish(total, {.now = time.wall}, {}); }
};

}  // namespace

TEST_CASE("CSV files are made with their folders, and the history grows by a row a second") {
  const Folder folder;
  Run run({.csv_prefix = folder / "made/here/run"});
  run.second(4, 20ms);
  run.second(0, 0ms);
  run.finish();
  const std::string stats = read(folder / "made/here/run_stats.csv");
  CHECK(stats.find("\r\nGET,/,4,0,20,20.0,20.0,20.0,10.0,") != std::string::npos);
  CHECK(stats.ends_with(",20,20,20,20,20,20,20,20,20,20,20\r\n"));
  CHECK(lines_of(read(folder / "made/here/run_stats_history.csv")) == 4);
  CHECK(lines_of(read(folder / "made/here/run_failures.csv")) == 1);
  CHECK(lines_of(read(folder / "made/here/run_exceptions.csv")) == 1);
  CHECK(run.reports.complete());
}

TEST_CASE("the full history has percentiles of the last ten seconds, the short one of the whole run") {
  for (const bool full : {false, true}) {
    CAPTURE(full);
    const Folder folder;
    Run run({.csv_prefix = folder / "run", .csv_full_history = full});
    run.second(10, 50ms);
    for (int i = 0; i < 10; ++i) run.second(1, 20ms);
    std::istringstream lines(read(folder / "run_stats_history.csv"));
    std::string last;
    for (std::string line; std::getline(lines, line);) last = line;
    const std::string percentiles = full ? ",20,20,20,20,20,20,20,20,20,20,20," : ",50,50,50,50,50,50,50,50,50,50,50,";
    CHECK_MESSAGE(last.find(percentiles) != std::string::npos, last);
  }
}

TEST_CASE("without a request there is N/A, as in Locust") {
  const Folder folder;
  Run run({.csv_prefix = folder / "run"});
  run.finish();
  CHECK(read(folder / "run_stats.csv")
            .ends_with("\r\n,Aggregated,0,0,0,0.0,0,0,0,0.0,0.0,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A\r\n"));
}

TEST_CASE("a file that got shorter has nothing of what was there before") {
  const Folder folder;
  std::ofstream(folder / "old.html") << std::string(1'000'000, 'x');
  Run run({.html_file = folder / "old.html"});
  CHECK_MESSAGE(files::file_size(folder / "old.html") == 1'000'000, "an earlier report stays until there is a new one");
  run.second(1, 1ms);
  run.finish();
  const std::string page = read(folder / "old.html");
  CHECK(page.starts_with("<!doctype html>"));
  CHECK(page.ends_with("</html>\n"));
}

TEST_CASE("the name of the page takes Locust's tags") {
  const reports::RunFacts facts{.users = 100, .spawn_rate = 2.5, .run_time = 90s};
  CHECK(reports::html_file_name("r_{u}_{r}_{t}_{u}.html", facts) == "r_100_2.5_90_100.html");
  CHECK(reports::html_file_name("{t}.html", {}) == "{t}.html");
}

TEST_CASE("what can't be written is known at the start, with the option and the file") {
  const Folder folder;
  std::ofstream(folder / "file") << "";
  const auto why = [](const ReportOptions& options) {
    try {
      Reports(options, {});
    } catch (const std::runtime_error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(why({.csv_prefix = folder / "file/run"}).starts_with("argument --csv: can't write " + (folder / "file/run")));
  CHECK(why({.html_file = folder.path.string()}).starts_with("argument --html: can't write " + folder.path.string()));
  CHECK(
      why({.json_file = "/proc/nothing/run"}).starts_with("argument --json-file: can't write /proc/nothing/run.json"));
}

TEST_CASE("a full disk spoils the one file alone") {
  if (!files::exists("/dev/full")) return;
  const Folder folder;
  files::create_symlink("/dev/full", folder / "run_stats.csv");
  Run run({.csv_prefix = folder / "run", .html_file = folder / "run.html"});
  run.second(5, 1ms);
  run.finish();
  CHECK_FALSE(run.reports.complete());
  CHECK(lines_of(read(folder / "run_stats_history.csv")) == 3);
  CHECK(read(folder / "run.html").ends_with("</html>\n"));
}

TEST_CASE("no name ends the script that the page's data is in") {
  const Folder folder;
  Run run({.html_file = folder / "run.html"}, {.host = "</script><script>alert(1)</script>"});
  run.statistics.record({.method = "GET", .name = "</script><!--", .response_time = 1ms, .error = "</SCRIPT>"});
  run.second(1, 1ms);
  run.reports.add_exception("</script>", "</script>", 1);
  run.reports.warn(run.time.wall, "</script>");
  run.finish();
  const std::string page = read(folder / "run.html");
  const std::size_t data = page.find("id=\"data\">") + 10;
  const std::size_t end = page.find('<', data);
  CHECK(page.substr(end).starts_with("</script>\n<script>\n\"use strict\";"));
  CHECK(Value::parse(page.substr(data, end - data))["run"]["host"].as_string() == "</script><script>alert(1)</script>");
}

TEST_CASE("exceptions are told apart up to a bound, and none is lost") {
  const Folder folder;
  Run run({.csv_prefix = folder / "run"});
  for (int i = 0; i < 1'500; ++i) run.reports.add_exception("number " + std::to_string(i), "", 2);
  run.finish();
  std::istringstream lines(read(folder / "run_exceptions.csv"));
  std::string line;
  std::getline(lines, line);
  std::uint64_t total = 0, rows = 0;
  for (; std::getline(lines, line); ++rows) total += std::stoull(line);
  CHECK(rows == 1'000);
  CHECK(total == 3'000);
}
