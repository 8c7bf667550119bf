#include "worker/data/feeder.hpp"

#include "tests/support/error_of.hpp"
#include "tests/support/temporary_directory.hpp"
#include "worker/data/data_path.hpp"
#include "worker/data/share.hpp"

#include <doctest/doctest.h>

using namespace katydid;
using katydid::test::error_of;

namespace {

std::string csv_error(const std::string& text, FeederOptions options = {}) {
  const TemporaryDirectory folder;
  const auto file = folder.write("users.csv", text).string();
  return error_of([&] { CsvFeeder(file, options); });
}

}  // namespace

TEST_CASE("a row is read by its columns") {
  begin_data(-1, 1);
  const TemporaryDirectory folder;
  const auto file = folder.write("users.csv", "name,note\r\nann,\"says \"\"hi\"\"\"\r\n\r\nbob,\r\n").string();
  CsvFeeder feeder(file);
  REQUIRE(feeder.size() == 2);
  const Row ann = feeder.take(0).value();
  CHECK(ann["name"] == "ann");
  CHECK(ann["note"] == "says \"hi\"");
  CHECK(feeder.take(0).value()["note"].empty());
  CHECK(feeder.take(0).value()["name"] == "ann");
  CHECK(ann.columns() == std::vector<std::string>{"name", "note"});
  CHECK(error_of([&] { static_cast<void>(ann["nmae"]); }) == "users.csv has no column 'nmae'; it has 'name', 'note'");
}

TEST_CASE("a file without a line of names has the columns that it is given") {
  begin_data(-1, 1);
  const TemporaryDirectory folder;
  const auto file = folder.write("users.csv", "ann;1\nbob;2").string();
  CsvFeeder feeder(file, {.order = Order::once, .separator = ';', .columns = {"name", "id"}});
  CHECK(feeder.size() == 2);
  CHECK(feeder.take(0).value()["id"] == "1");
  CHECK(feeder.take(0).value()["id"] == "2");
  CHECK(!feeder.take(0));
}

TEST_CASE("what is wrong with a file is said with its line") {
  CHECK(csv_error("a,b\n1,2\n\n1\n") == "users.csv, line 4: this row has 1 field, and there are 2 columns");
  CHECK(csv_error("a,b\n\"1\n2\",2\n1,2,3\n") == "users.csv, line 4: this row has 3 fields, and there are 2 columns");
  CHECK(csv_error("a\n1\n\"2\n3\n") == "users.csv, line 3: the quote that begins here is not closed");
  CHECK(csv_error("a,b\n1,\"2\n").starts_with("users.csv, line 2: the quote"));
  CHECK(csv_error("a,,b\n1,2,3\n").starts_with("users.csv, line 1: a column has no name"));
  CHECK(csv_error("\na,a\n1,2\n") == "users.csv, line 2: there are two columns 'a'");
  CHECK(csv_error("") == "users.csv is empty");
  CHECK(csv_error("a,b\n") == "users.csv has no rows");
  CHECK(csv_error("1\n", {.columns = {"a", "b"}}) ==
        "users.csv, line 1: this row has 1 field, and there are 2 columns");
  CHECK(csv_error("a\n1\n", {.separator = '"'}).starts_with("a CSV file's separator"));
  CHECK(csv_error("a\n1\n", {.workers = -1}) == "users.csv: the number of workers must not be negative");
}

TEST_CASE("JSON lines are values") {
  begin_data(-1, 1);
  const TemporaryDirectory folder;
  const auto file = folder.write("orders.jsonl", "{\"id\": 1}\r\n \n[2, 3]\n{\n").string();
  JsonLinesFeeder feeder(file);
  REQUIRE(feeder.size() == 3);
  CHECK(feeder.take(0).value()["id"].as_int() == 1);
  CHECK(feeder.take(0).value()[std::size_t{1}].as_int() == 3);
  CHECK(error_of([&] { feeder.take(0); }).starts_with("orders.jsonl, line 4: not valid JSON: "));
  CHECK(feeder.take(0).value()["id"].as_int() == 1);
  const auto other = folder.write("array.json", "[\n1\n]\n").string();
  CHECK(error_of([&] { JsonLinesFeeder{other}; }).starts_with("array.json, line 1: not valid JSON: "));
}

TEST_CASE("a file is looked for beside the locustfile") {
  const TemporaryDirectory folder;
  folder.write("only-here.csv", "a\n1\n");
  CHECK(error_of([] {
          CsvFeeder("only-here.csv");
        }).starts_with("there is no file only-here.csv in the working directory"));
  add_data_folder(folder.path);
  CHECK(CsvFeeder("only-here.csv").size() == 1);
  CHECK(error_of([] { CsvFeeder("none.csv"); }).ends_with(folder.path.string()));
  CHECK(error_of([] { CsvFeeder("/none.csv"); }) == "there is no file /none.csv");
}
