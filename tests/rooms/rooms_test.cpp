#include "tests/rooms/rooms.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

using namespace katydid::test;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t most_units = 25;
const fs::path root_of_twins = "examples/locust";  // a file for each of Locust's examples, which are in one folder

const fs::path root = KATYDID_SOURCES;

std::string text_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

Rooms rooms_of_the_house() { return Rooms::of_page(text_of(root / "docs/architecture.md")); }

bool is_source(const fs::path& file) { return file.extension() == ".cpp" || file.extension() == ".hpp"; }

/// Relative to the root of the sources.
std::vector<fs::path> files_below(const char* folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
    if (entry.is_regular_file()) files.push_back(fs::relative(entry.path(), root));
  }
  return files;
}

}  // namespace

TEST_CASE("each room includes only what docs/architecture.md allows it") {
  const Rooms rooms = rooms_of_the_house();
  std::map<std::string, std::string> sources;  // of each room
  for (const char* folder : {"base", "net", "http", "websocket", "grpc", "protocol", "worker", "python/src"}) {
    for (const fs::path& file : files_below(folder)) {
      if (!is_source(file)) continue;
      const std::string text = text_of(root / file);
      sources[rooms.room_of(file)] += text;
      for (const std::string& violation : rooms.violations(file, text)) FAIL_CHECK(violation);
    }
  }
  for (const auto& [room, names] : rooms.names()) {
    CAPTURE(room);
    CHECK_FALSE(sources[room].empty());
    CHECK_FALSE(names.empty());
    for (const std::string& name : names) {
      CAPTURE(name);
      CHECK(sources[room].find(name) != std::string::npos);
    }
  }
}

TEST_CASE("no folder holds more units than one sees at a glance") {
  std::map<fs::path, std::set<fs::path>> units;
  for (const char* folder :
       {"base", "net", "http", "websocket", "grpc", "protocol", "worker", "python", "tests", "tools", "examples"}) {
    for (const fs::path& file : files_below(folder)) {
      if (is_source(file) || file.extension() == ".py") units[file.parent_path()].insert(file.stem());
    }
  }
  for (const auto& [folder, names] : units) {
    CAPTURE(folder.generic_string());
    if (folder == root_of_twins) continue;
    CHECK(names.size() <= most_units);
  }
}

TEST_CASE("the table of rooms is read from the page") {
  const Rooms rooms = Rooms::of_page(
      "| room | may include | what |\n| --- | --- | --- |\n| `low/` | | x |\n| `middle/` | `low` | `other` |\n"
      "| `high/` | `middle` | |\n| `high/part/` | | |\n\n| `elsewhere/` | |\n");
  CHECK(rooms.all().size() == 4);
  CHECK(rooms.may_include("high", "low"));
  CHECK_FALSE(rooms.may_include("low", "high"));
  CHECK(rooms.room_of("high/a.hpp") == "high");
  CHECK(rooms.room_of("high/part/deeper/a.hpp") == "high/part");
  CHECK(rooms.room_of("elsewhere/a.hpp").empty());

  CHECK(rooms.violations("high/a.cpp", "#include \"low/b.hpp\"\n#include <low>\n#include \"high/c.hpp\"\n").empty());
  CHECK(rooms.violations("low/b.cpp", "int a;\n  #  include \"middle/c.hpp\"\n") ==
        std::vector<std::string>{"low/b.cpp includes middle/c.hpp: low may not include middle"});
  CHECK(rooms.violations("high/part/b.cpp", "#include \"low/b.hpp\"\n").size() == 1);
  CHECK(rooms.violations("low/b.cpp", "#include \"b.hpp\"\n") ==
        std::vector<std::string>{"low/b.cpp includes b.hpp, which is in no room of the table"});
  CHECK(rooms.violations("b.cpp", "").size() == 1);
}

TEST_CASE("a table that can't be right is refused") {
  const std::string head = "| room | may include |\n";
  CHECK_THROWS_AS(Rooms::of_page("# A page\n"), std::runtime_error);
  CHECK_THROWS_WITH_AS(Rooms::of_page(head + "| `a` | `b` |\n"), "the rooms' table has no row for b",
                       std::runtime_error);
  CHECK_THROWS_WITH_AS(Rooms::of_page(head + "| `a` | `b` |\n| `b` | `c` |\n| `c` | `a` |\n"),
                       "a may include itself by way of others", std::runtime_error);
  CHECK_THROWS_AS(Rooms::of_page(head + "| a | |\n"), std::runtime_error);
}
