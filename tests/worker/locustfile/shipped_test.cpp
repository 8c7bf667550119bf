#include "worker/locustfile/shipped.hpp"

#include "tests/support/error_of.hpp"
#include "tests/support/temporary_directory.hpp"
#include "worker/locustfile/locustfile.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

using namespace katydid;

namespace {

namespace fs = std::filesystem;

void write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

std::string refusal(const std::string& python) {
  return katydid::test::error_of([&] { (void)files_shipped_in(python); });
}

}  // namespace

TEST_CASE("locustfiles are shipped with what they include, by their names below one folder") {
  const TemporaryDirectory folder;
  write(folder.path / "tests/users.cpp",
        "#include <vector>\n#include \"../lib/cart.hpp\"\n  #  include\t\"own.hpp\" // x\n");
  write(folder.path / "tests/own.hpp", "#include \"missing.hpp\"\n#include \"users.cpp\"\n");
  write(folder.path / "lib/cart.hpp", "int items;");
  write(folder.path / "lib/unused.hpp", "");
  const auto files = files_to_ship({folder.path / "tests/users.cpp"});
  REQUIRE(files.size() == 3);
  CHECK(files[0].name == "lib/cart.hpp");
  CHECK(files[1].name == "tests/own.hpp");
  CHECK(files[2].name == "tests/users.cpp");
  CHECK(files[0].text == "int items;");
  const auto alone = files_to_ship({folder.path / "lib/cart.hpp"});
  REQUIRE(alone.size() == 1);
  CHECK(alone[0].name == "cart.hpp");
  CHECK(files_to_ship({}).empty());
}

TEST_CASE("what can't be sent is refused where it is printed") {
  const TemporaryDirectory folder;
  write(folder.path / "users.cpp", "// caf\xe9\n");
  const auto error = [](const fs::path& file) { return katydid::test::error_of([&] { (void)files_to_ship({file}); }); };
  CHECK(error(folder.path / "users.cpp").find("is no UTF-8") != std::string::npos);
  CHECK(error(folder.path / "nosuch.cpp").find("can't be read") != std::string::npos);
}

TEST_CASE("files come out of a Python text as they went in") {
  const std::vector<ShippedFile> files = {
      {"users.cpp", "#include \"a.hpp\"\n\n\t# katydid: 1 lines of x\n"}, {"lib/a.hpp", ""}, {"odd name.hpp", "\n\n"}};
  const std::string python = "from locust import User\n" + shipped_as_comments(files) + "class A(User): ...\n";
  const auto back = files_shipped_in(python);
  REQUIRE(back.size() == 3);
  for (std::size_t i = 0; i < files.size(); ++i) {
    CHECK(back[i].name == files[i].name);
    CHECK(back[i].text == files[i].text);
  }
  CHECK(files_shipped_in("from locust import User\n# katydid: some words\n# katydid: 3\n").empty());
  CHECK(files_shipped_in("").empty());
}

TEST_CASE("a master reads its file with any line ends, and the last line may have none") {
  std::string python = shipped_as_comments({{"users.cpp", "int a;\r\nint b;\r\r\nint c;"}});
  CHECK(files_shipped_in(python)[0].text == "int a;\nint b;\n\nint c;\n");
  python.pop_back();
  CHECK(files_shipped_in(python)[0].text == "int a;\nint b;\n\nint c;\n");
}

TEST_CASE("files that were changed on their way are refused") {
  const std::string whole = shipped_as_comments({{"users.cpp", "int a;\nint b;\n"}});
  CHECK(refusal(whole.substr(0, whole.find("#|int b"))).find("not all of its lines") != std::string::npos);
  CHECK(refusal("# katydid: 99999999999 lines of a.cpp\n").find("not all of its lines") != std::string::npos);
  CHECK(refusal(whole + whole).find("twice") != std::string::npos);
  for (const char* name : {"../a.cpp", "/etc/a.cpp", "a/../../b.cpp", "", ".", "a//b.cpp/", "./a.cpp"}) {
    CAPTURE(name);
    CHECK(refusal("# katydid: 0 lines of " + std::string(name) + "\n").find("a name that is no file") !=
          std::string::npos);
  }
  CHECK(refusal("# katydid: 0 lines of " + std::string(600, 'a') + "\n").find("a name that") != std::string::npos);
}
