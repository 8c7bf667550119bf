#include "worker/command/config_files.hpp"

#include "base/bad_value.hpp"
#include "worker/command/options.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace katydid;

namespace {

using Words = std::vector<std::string>;

struct File {
  File(const std::string& name, const std::string& text)
      : path(std::filesystem::temp_directory_path() / ("katydid-" + name)) {
    std::ofstream(path) << text;
  }
  ~File() { std::filesystem::remove(path); }
  std::filesystem::path path;
};

Options options_with(const Words& files, Words arguments = {}, const char* users = nullptr) {
  std::vector<const char*> argv{"katydid"};
  for (const auto& each : arguments) argv.push_back(each.c_str());
  return parse_options(
      static_cast<int>(argv.size()), argv.data(),
      [users](const char* name) { return std::string(name) == "LOCUST_USERS" ? users : nullptr; }, files);
}

}  // namespace

TEST_CASE("a file of lines, as Locust's locust.conf") {
  const auto values = parse_config("locust.conf", R"(# a comment
---
locustfile = my_test.cpp   # and one behind
headless
users: 100
spawn_rate=10
host = "https://example.com/#top"
tags = [a, 'b']
run-time 10m

[section]
only-summary = true
)");
  CHECK(values == ConfigValues{{"locustfile", {"my_test.cpp"}},
                               {"headless", {}},
                               {"users", {"100"}},
                               {"spawn-rate", {"10"}},
                               {"host", {"https://example.com/#top"}},
                               {"tags", {"a", "b"}},
                               {"run-time", {"10m"}},
                               {"only-summary", {"true"}}});
}

TEST_CASE("of a TOML file, the table of Locust alone") {
  const auto values = parse_config("pyproject.toml", R"([project]
users = 5
dependencies = [
  "locust",
]
[tool.locust]
users = 100
tags = [
  "a",
  "b",  # the last one
]
headless = true
[tool.ruff]
users = 7
)");
  CHECK(values == ConfigValues{{"users", {"100"}}, {"tags", {"a", "b"}}, {"headless", {"true"}}});
}

TEST_CASE("what is no configuration is refused with its line") {
  CHECK_THROWS_WITH_AS(parse_config("locust.conf", "users = 3\n= 4\n"),
                       "locust.conf, line 2: expected `option = value`", BadValue);
  CHECK_THROWS_WITH_AS(parse_config("a.toml", "[tool.locust]\ntags = [a,\nb\n"), "a.toml, line 2: a list ends with ]",
                       BadValue);
  CHECK_THROWS_AS(read_config_file("/nowhere/locust.conf"), BadValue);
}

TEST_CASE("the command line overrides variables, and these override files; a later file overrides an earlier one") {
  const File first("first.conf", "users = 1\nspawn-rate = 2\nmaster-host = a\nheadless\ncsv = x\n");
  const File second("second.conf", "spawn-rate = 3\nmaster-port = 99\nstrange = 1\n");
  const auto options = options_with({first.path, second.path, "/nowhere"}, {"--master-port", "5", "--worker"}, "7");
  CHECK(options.users == 7);
  CHECK(options.spawn_rate == 3);
  CHECK(options.master_host == "a");
  CHECK(options.master_port == 5);
  CHECK(options_with({first.path}).mode == Mode::headless);
  REQUIRE(options.warnings.size() == 1);
  CHECK(options.warnings.front() == second.path.string() + ": 'strange' is no option of katydid, and is ignored.");
}

TEST_CASE("--config names one more file, which must be there") {
  const File file("given.conf", "users = 4\n");
  CHECK(options_with({}, {"--config", file.path}).users == 4);
  CHECK_THROWS_AS(options_with({}, {"--config", "/nowhere"}), EarlyExit);
}

TEST_CASE("a wrong value in a file is told with the file") {
  const File file("wrong.conf", "users = many\n");
  try {
    options_with({file.path});
    FAIL("it was taken");
  } catch (const EarlyExit& exit) {
    CHECK(exit.code() == 2);
    CHECK(exit.text().find(file.path.string() + ": users: invalid value 'many'") != std::string::npos);
  }
}
