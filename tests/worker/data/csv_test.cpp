#include "worker/data/csv.hpp"

#include <doctest/doctest.h>

using namespace katydid;

namespace {

/// The fields, each in brackets, and what is left of the text.
std::string parsed(std::string_view text, bool is_all = true, char separator = ',') {
  CsvRow row;
  parse_csv_row(text, is_all, separator, row);
  switch (row.kind) {
    case CsvRow::Kind::blank:
      return "blank " + std::to_string(row.length);
    case CsvRow::Kind::incomplete:
      return "incomplete";
    case CsvRow::Kind::broken:
      return std::to_string(row.problem_at) + ": " + row.problem;
    case CsvRow::Kind::row:
      break;
  }
  std::string shown;
  for (const CsvField& field : row.fields) shown += "[" + field.value() + "]";
  return shown + std::string(text.substr(row.length));
}

}  // namespace

TEST_CASE("a row of CSV ends with LF, CRLF or the text") {
  CHECK(parsed("a,b\nc") == "[a][b]c");
  CHECK(parsed("a,b\r\nc") == "[a][b]c");
  CHECK(parsed("a,b") == "[a][b]");
  CHECK(parsed("a,b", false) == "incomplete");
  CHECK(parsed("a,b\r", false) == "incomplete");
  CHECK(parsed("a,\n") == "[a][]");
  CHECK(parsed("a,") == "[a][]");
  CHECK(parsed(",\n") == "[][]");
  CHECK(parsed(" a , b \n") == "[ a ][ b ]");
  CHECK(parsed("a;b,c\n", true, ';') == "[a][b,c]");
}

TEST_CASE("a field in quotes may hold all of it") {
  CHECK(parsed("\"a,b\",\"c\r\nd\"\ne") == "[a,b][c\r\nd]e");
  CHECK(parsed("\"say \"\"hi\"\"\",b\n") == "[say \"hi\"][b]");
  CHECK(parsed("\"\"\"\"\n") == "[\"]");
  CHECK(parsed("\"\"\n") == "[]");
  CHECK(parsed("\"\"") == "[]");
  CHECK(parsed("\"a\"", false) == "incomplete");
  CHECK(parsed("\"a", false) == "incomplete");
}

TEST_CASE("an empty line is no row") {
  CHECK(parsed("\na") == "blank 1");
  CHECK(parsed("\r\na") == "blank 2");
}

TEST_CASE("what is no CSV is refused with its place") {
  CHECK(parsed("a,\"b\nc") == "2: the quote that begins here is not closed");
  CHECK(parsed("a,b\"c\n").starts_with("3: a quote in a field"));
  CHECK(parsed("\"a\"b\n") == "3: text behind the quote that ends a field");
  CHECK(parsed("a\rb\n") == "1: a carriage return without a line feed");
  CHECK(parsed("a\r") == "1: a carriage return without a line feed");
}
