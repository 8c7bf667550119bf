#include "worker/data/row_file.hpp"

#include "tests/support/error_of.hpp"
#include "tests/support/temporary_directory.hpp"
#include "worker/data/json_lines.hpp"

#include <doctest/doctest.h>

using namespace katydid;
using katydid::test::error_of;

TEST_CASE("an index of few places finds every row") {
  RowIndex index(4);
  for (std::uint64_t row = 0; row < 1000; ++row) {
    index.add(row * 10);
    for (std::uint64_t known = 0; known <= row; ++known) {
      const auto place = index.before(known);
      REQUIRE(place.row <= known);
      REQUIRE(place.offset == place.row * 10);
      REQUIRE(known - place.row < row / 2 + 2);
    }
  }
  CHECK(index.rows() == 1000);
}

TEST_CASE("rows of a file are read in any order") {
  const TemporaryDirectory folder;
  std::string text = "\xef\xbb\xbf";
  for (int row = 0; row < 30'000; ++row) text += "row " + std::to_string(row) + (row % 3 == 0 ? "\r\n\n" : "\n");
  RowFile file(folder.write("rows.txt", text), json_line);
  REQUIRE(file.rows() == 30'000);
  const auto number = [&](std::uint64_t row) { return std::stoull(file.row(row).substr(4)); };
  for (std::uint64_t row = 0; row < file.rows(); ++row) REQUIRE(number(row) == row);
  for (std::uint64_t row = 7; row != 8; row = (row * 7919 + 13) % 29'989) {
    REQUIRE(number(row) == row);
    if (row == 14) break;
  }
  for (std::uint64_t row = file.rows(); row-- > 0;) REQUIRE(number(row) == row);
  CHECK(file.place_of(0) == "rows.txt, line 1");
  CHECK(file.place_of(4) == "rows.txt, line 7");
}

TEST_CASE("a file that is none of text is refused") {
  const TemporaryDirectory folder;
  const auto error = [&](const std::string& text) {
    return error_of([&] { RowFile(folder.write("rows.txt", text), json_line); });
  };
  CHECK(error("a\nb\xe4") == "rows.txt, line 2: this is not UTF-8; save it as UTF-8");
  CHECK(error("\xff\xfe") == "rows.txt is UTF-16; save it as UTF-8");
  CHECK(error("a\n" + std::string(RowFile::longest_row + 1, 'a')) ==
        "rows.txt, line 2: the row that begins here is longer than 1048576 bytes; is a quote not closed?");
  CHECK(error("a\n" + std::string(RowFile::longest_row, 'a')) == "nothing was thrown");
  CHECK(error_of([&] { RowFile(folder.path, json_line); }).ends_with("can't be read: it is no regular file"));
  CHECK(error_of([&] { RowFile(folder.path / "none", json_line); }).ends_with("No such file or directory"));
}

TEST_CASE("a file that was changed meanwhile is noticed") {
  const TemporaryDirectory folder;
  const std::string lines(100'000, '\n');
  RowFile file(folder.write("rows.txt", "a\nb\n" + lines + "c\n"), json_line);
  CHECK(file.row(0) == "a\n");
  std::filesystem::resize_file(folder.path / "rows.txt", 3);
  CHECK(error_of([&] { file.row(2); }).ends_with("rows.txt has become shorter meanwhile"));
}
