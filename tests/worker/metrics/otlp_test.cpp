#include "worker/metrics/otlp.hpp"

#include "base/value.hpp"
#include "tests/worker/metrics/counted.hpp"
#include "worker/metrics/book.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace katydid;
using namespace std::chrono_literals;
using katydid::metrics::Book;
using katydid::test::Counted;

namespace {

struct Run : Counted {
  /// The metrics of an export, by their names.
  Value exported(const Book* since = nullptr) const {
    using Clock = std::chrono::system_clock;
    const std::string text = metrics::metrics_message(
        {.book = book, .since = since, .from = Clock::time_point(1s), .now = Clock::time_point(2s)},
        {{"service.name", "locust"}}, otel::Format::json);
    Value out = Value::object();
    const Value message = Value::parse(text);
    const Value& resource = message["resourceMetrics"].as_array()[0];
    CHECK(resource["resource"]["attributes"].as_array().size() == 1);
    for (const Value& metric : resource["scopeMetrics"].as_array()[0]["metrics"].as_array())
      out.set(metric["name"].as_string(), metric);
    return out;
  }
};

std::string attribute(const Value& point, std::string_view name) {
  for (const Value& each : point["attributes"].as_array()) {
    if (each["key"].as_string() == name) return each["value"]["stringValue"].as_string();
  }
  return "none";
}

}  // namespace

TEST_CASE("requests are histograms of their durations, by method and name") {
  Run run;
  run.record({.method = "GET", .name = "/", .response_time = 1ms});
  run.record({.method = "GET", .name = "/", .response_time = 150ms, .error = "Timeout: late"});
  run.record({.method = "WSR", .name = "talk", .response_time = 300s});
  const Value all = run.exported();
  const auto& http = all["http.client.request.duration"]["histogram"];
  CHECK(http["aggregationTemporality"] == Value(2));
  REQUIRE(http["dataPoints"].as_array().size() == 1);
  const Value& point = http["dataPoints"].as_array()[0];
  CHECK(attribute(point, "http.request.method") == "GET");
  CHECK(attribute(point, "name") == "/");
  CHECK(point["count"].as_string() == "2");
  CHECK(point["sum"].as_double() == doctest::Approx(0.151));
  CHECK(point["startTimeUnixNano"].as_string() == "1000000000");
  CHECK(point["timeUnixNano"].as_string() == "2000000000");
  CHECK(point["explicitBounds"].as_array().size() == metrics::time_bounds.size());
  CHECK(point["bucketCounts"].as_array().size() == metrics::time_bounds.size() + 1);
  CHECK(point["bucketCounts"].as_array()[3].as_string() == "1");  // up to 1 ms
  CHECK(all["locust.client.duration"]["histogram"]["dataPoints"].as_array().size() == 2);
  const Value& error = all["locust.client.errors"]["sum"]["dataPoints"].as_array()[0];
  CHECK(attribute(error, "error.type") == "Timeout");
  CHECK(attribute(error, "error.message") == "Timeout: late");
  CHECK(error["asInt"].as_string() == "1");
}

TEST_CASE("a delta is what came since, and says nothing where nothing did") {
  Run run;
  run.record({.method = "GET", .name = "/a", .response_time = 1ms});
  run.record({.method = "GET", .name = "/b", .response_time = 1ms, .error = "broken"});
  const Book before = run.book;
  run.record({.method = "GET", .name = "/a", .response_time = 20ms});
  run.record({.method = "GET", .name = "/c", .response_time = 2ms});
  const Value all = run.exported(&before);
  const auto& points = all["http.client.request.duration"]["histogram"]["dataPoints"].as_array();
  CHECK(all["http.client.request.duration"]["histogram"]["aggregationTemporality"] == Value(1));
  REQUIRE(points.size() == 2);
  CHECK(attribute(points[0], "name") == "/a");
  CHECK(points[0]["count"].as_string() == "1");
  CHECK(points[0]["sum"].as_double() == doctest::Approx(0.02));
  CHECK(points[0]["bucketCounts"].as_array()[3].as_string() == "0");
  CHECK(attribute(points[1], "name") == "/c");
  CHECK(all["locust.client.errors"]["sum"]["dataPoints"].as_array().empty());
}

TEST_CASE("users are a gauge, and what was dropped or cut off is counted") {
  Run run;
  run.book.set_users({{"Buyer", 3}});
  run.book.add_exceptions(2);
  run.statistics.cut_off("GET", "/slow");
  run.book.add(run.statistics.take());
  const Value all = run.exported();
  const Value& users = all["locust.users.count"]["gauge"]["dataPoints"].as_array()[0];
  CHECK(attribute(users, "user_class") == "Buyer");
  CHECK(users["asInt"].as_string() == "3");
  CHECK(all["katydid.tasks.exceptions"]["sum"]["dataPoints"].as_array()[0]["asInt"].as_string() == "2");
  CHECK(all["katydid.requests.cut_off"]["sum"]["dataPoints"].as_array()[0]["asInt"].as_string() == "1");
  CHECK(all["katydid.requests.cut_off"]["sum"]["isMonotonic"] == Value(true));
}
