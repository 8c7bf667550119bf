#include "worker/reports/python_text.hpp"

#include "worker/statistics/delta.hpp"

#include <doctest/doctest.h>

using namespace katydid;
using namespace katydid::reports;
using namespace std::chrono_literals;

TEST_CASE("floats are written as Python writes them") {
  CHECK(python_float(0) == "0.0");
  CHECK(python_float(12) == "12.0");
  CHECK(python_float(0.1 + 0.2) == "0.30000000000000004");
  CHECK(python_float(0.0001) == "0.0001");
  CHECK(python_float(0.00001) == "1e-05");
  CHECK(python_float(9999999999999998) == "9999999999999998.0");
  CHECK(python_float(1e16) == "1e+16");
  CHECK(python_float(1.5e300) == "1.5e+300");
  CHECK(python_float(-25.5) == "-25.5");
}

TEST_CASE("keys are integers where they can be") {
  CHECK(key_text(0us) == "0");
  CHECK(key_text(370us) == "0.37");
  CHECK(key_text(4'200us) == "4.2");
  CHECK(key_text(150ms) == "150");
}

TEST_CASE("moments have Locust's form") {
  CHECK(utc_text(WallTime(1'795'987'601s + 999ms)) == "2026-11-29T21:26:41Z");
  CHECK(python_float(python_time(WallTime(1'795'987'601s + 250ms))) == "1795987601.25");
}

TEST_CASE("a row has quotes where Python's csv.writer has them") {
  const auto row = [](auto... fields) {
    CsvRow made;
    (made.add(fields), ...);
    return made.end();
  };
  CHECK(row("GET", "", "/") == "GET,,/\r\n");
  CHECK(row("a,b", "c\"d", "e\nf", "g\rh") == "\"a,b\",\"c\"\"d\",\"e\nf\",\"g\rh\"\r\n");
  CHECK(row("=1+1", " blank ", "'", "caf\xc3\xa9") == "=1+1, blank ,',caf\xc3\xa9\r\n");
}
