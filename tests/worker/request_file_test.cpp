#include "worker/request_file.hpp"

#include "base/value.hpp"
#include "tests/support/captured_stderr.hpp"
#include "tests/support/temporary_directory.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

std::vector<Value> lines_of(const std::string& text) {
  std::vector<Value> all;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) all.push_back(Value::parse(line));
  return all;
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream stream(path);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

TEST_CASE("each request is a line of JSON, whatever is in it") {
  const TemporaryDirectory folder;
  const auto path = folder.path / "requests.jsonl";
  folder.write("requests.jsonl", "{\"name\":\"earlier\"}\n");
  {
    RequestFile file(path);
    CHECK(RequestFile::of_process() == &file);
    const Value context{{"step", 2}};
    const Value none = Value::object();
    file.write({.request_type = "GET",
                .name = "/a \"b\"\n\x01 \xff",
                .response_time = 1'250us,
                .response_length = 54,
                .status = 404,
                .exception = "not, found",
                .url = "http://x/a",
                .context = &context,
                .start_time = std::chrono::system_clock::time_point(1'500ms)});
    file.write({.request_type = "WS", .name = "n", .response_time = -1ns, .context = &none, .start_time = {}});
    CHECK(file.dropped() == 0);
  }
  CHECK(RequestFile::of_process() == nullptr);
  const auto lines = lines_of(text_of(path));
  REQUIRE(lines.size() == 3);
  CHECK(lines[0]["name"].as_string() == "earlier");
  CHECK(lines[1]["name"].as_string() == "/a \"b\"\n\x01 \xef\xbf\xbd");
  CHECK(lines[1]["request_type"].as_string() == "GET");
  CHECK(lines[1]["response_time"].as_double() == 1.25);
  CHECK(lines[1]["response_length"].as_int() == 54);
  CHECK(lines[1]["status"].as_int() == 404);
  CHECK(lines[1]["exception"].as_string() == "not, found");
  CHECK(lines[1]["url"].as_string() == "http://x/a");
  CHECK(lines[1]["context"]["step"].as_int() == 2);
  CHECK(lines[1]["start_time"].as_double() == 1.5);
  for (const char* field : {"response_time", "status", "exception", "url", "context"}) CHECK(lines[2][field].is_null());
}

TEST_CASE("lines of several threads stay whole, and none is lost") {
  const TemporaryDirectory folder;
  const auto path = folder.path / "requests.jsonl";
  constexpr int threads = 4, each = 5'000;
  {
    RequestFile file(path);
    std::vector<std::thread> writers;
    for (int i = 0; i < threads; ++i) {
      writers.emplace_back([&file] {
        for (int n = 0; n < each; ++n)
          file.write({.request_type = "GET", .name = "/x", .response_time = 1ms, .start_time = {}});
      });
    }
    for (auto& writer : writers) writer.join();
  }
  CHECK(lines_of(text_of(path)).size() == threads * each);
}

TEST_CASE("what a slow disk does not take is dropped, and told") {
  const TemporaryDirectory folder;
  const auto path = folder.path / "pipe";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  const int reader = ::open(path.c_str(), O_RDWR);
  REQUIRE(reader >= 0);
  CapturedStderr log;
  std::uint64_t dropped = 0;
  std::size_t read = 0;
  constexpr int written = 20'000;  // more than the pipe and the file take together
  {
    RequestFile file(path, 200'000);
    for (int n = 0; n < written; ++n)
      file.write({.request_type = "GET", .name = "/x", .response_time = 1ms, .start_time = {}});
    dropped = file.dropped();
    CHECK(dropped > 1'000);
    std::thread drain([&] {
      std::string all;
      char buffer[65'536];
      while (all.size() < 4 || !all.ends_with("end\n")) {
        const auto size = ::read(reader, buffer, sizeof buffer);
        if (size <= 0) break;
        all.append(buffer, static_cast<std::size_t>(size));
      }
      read = lines_of(all.substr(0, all.size() - 4)).size();
    });
    file.finish();
    CHECK(::write(reader, "end\n", 4) == 4);
    drain.join();
    CHECK(file.dropped() == dropped);
  }
  ::close(reader);
  CHECK(read + dropped == written);
  CHECK(log.text().find(std::to_string(dropped) + " lines of the request log") != std::string::npos);
}

TEST_CASE("of a disk that is full and has room again, no whole line is counted as dropped, and none is damaged") {
  const TemporaryDirectory folder;
  const auto path = folder.path / "requests.jsonl";
  const auto earlier = std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &limit) == 0);
  const rlimit small{.rlim_cur = 10'000, .rlim_max = limit.rlim_max};
  CapturedStderr log;
  std::uint64_t dropped = 0;
  constexpr int each = 500;
  {
    RequestFile file(path);
    const auto write_some = [&file](const char* name) {
      for (int n = 0; n < each; ++n)
        file.write({.request_type = "GET", .name = name, .response_time = 1ms, .start_time = {}});
    };
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    for (int rounds = 0; rounds < 2; ++rounds) {
      write_some("/early");
      std::this_thread::sleep_for(500ms);
    }
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
    write_some("/late");
    file.finish();
    dropped = file.dropped();
  }
  std::signal(SIGXFSZ, earlier);
  std::istringstream stream(text_of(path));
  std::uint64_t early = 0, late = 0, cut = 0;
  for (std::string line; std::getline(stream, line);) {
    if (!line.ends_with("}")) {
      ++cut;
      continue;
    }
    const std::string name{Value::parse(line)["name"].as_string()};
    ++(name == "/late" ? late : early);
  }
  CHECK(early > 10);
  CHECK(late == each);
  CHECK(cut <= 1);
  CHECK(early + late + dropped == 3 * each);
}

TEST_CASE("a file that can't be made ends the run before it begins") {
  CHECK_THROWS_WITH_AS(RequestFile("/nowhere/at/all"),
                       "--request-log can't write to /nowhere/at/all: No such file or directory. Name a file in a "
                       "folder that there is and that you may write to",
                       std::runtime_error);
}
