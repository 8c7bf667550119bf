#include "worker/metrics/book.hpp"

#include "tests/worker/metrics/counted.hpp"
#include "worker/metrics/exposition.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

using namespace katydid;
using namespace std::chrono_literals;
using katydid::metrics::Book;
using katydid::test::Counted;

namespace {

struct Run : Counted {
  Run() : Counted(20'000) {}

  bool says(const std::string& line) const {
    return ("\n" + book.text()).find("\n" + line + "\n") != std::string::npos;
  }
};

}  // namespace

TEST_CASE("requests are counted by name, with times in buckets that add up") {
  Run run;
  run.record({.method = "GET", .name = "/", .response_time = 1ms, .response_length = 10});
  run.record({.method = "GET", .name = "/", .response_time = 150ms, .response_length = 5, .error = "broken"});
  run.record({.method = "GET", .name = "/", .response_time = 300s});
  run.record({.method = "GET", .name = "/", .response_time = -1ns});
  const std::string labels = R"(method="GET",name="/")";
  CHECK(run.says("katydid_requests_total{" + labels + "} 4"));
  CHECK(run.says("katydid_request_failures_total{" + labels + "} 1"));
  CHECK(run.says("katydid_response_bytes_total{" + labels + "} 15"));
  const std::string bucket = "katydid_response_time_seconds_bucket{" + labels + ",le=";
  CHECK(run.says(bucket + "\"0.0005\"} 0"));
  CHECK(run.says(bucket + "\"0.001\"} 1"));
  CHECK(run.says(bucket + "\"0.1\"} 1"));
  CHECK(run.says(bucket + "\"0.2\"} 2"));
  CHECK(run.says(bucket + "\"60\"} 2"));
  CHECK(run.says(bucket + "\"+Inf\"} 3"));
  CHECK(run.says("katydid_response_time_seconds_sum{" + labels + "} 300.151"));
  CHECK(run.says("katydid_response_time_seconds_count{" + labels + "} 3"));
  CHECK(run.says(R"(katydid_errors_total{method="GET",name="/",error="broken"} 1)"));
}

TEST_CASE("phases of requests are no requests") {
  Run run;
  run.record({.method = "GET", .name = "/", .response_time = 30ms});
  run.record({.method = "GET", .name = "/ [first byte]", .response_time = 20ms, .apart = true});
  run.record({.method = "GET", .name = "/ [first byte]", .response_time = 5ms, .apart = true});
  run.record({.method = "GET", .name = "/a [b] [TLS]", .response_time = 3ms, .apart = true});
  CHECK(run.says(R"(katydid_requests_total{method="GET",name="/"} 1)"));
  CHECK(run.book.text().find("first byte]") == std::string::npos);
  const std::string labels = R"({method="GET",name="/",phase="first byte"})";
  CHECK(run.says("katydid_request_phase_seconds_count" + labels + " 2"));
  CHECK(run.says("katydid_request_phase_seconds_sum" + labels + " 0.025"));
  CHECK(run.says(R"(katydid_request_phase_seconds_count{method="GET",name="/a [b]",phase="TLS"} 1)"));
}

TEST_CASE("every key of a histogram that is the end of a bucket is in it") {
  for (const double bound : metrics::time_bounds) {
    CAPTURE(bound);
    Run run;
    run.record({.method = "GET", .name = "/", .response_time = std::chrono::microseconds(std::llround(bound * 1e6))});
    CHECK(run.says("katydid_response_time_seconds_bucket{method=\"GET\",name=\"/\",le=\"" + metrics::bound_text(bound) +
                   "\"} 1"));
  }
}

TEST_CASE("10,000 names become 1,000 and the rest, and none is lost") {
  Run run;
  for (int i = 0; i < 10'000; ++i)
    run.statistics.record({.method = "GET", .name = "/" + std::to_string(i), .response_time = 1ms, .error = "e"});
  run.book.add(run.statistics.take());
  const std::string text = run.book.text();
  CHECK(run.says(R"(katydid_requests_total{method="",name="other"} 9000)"));
  CHECK(run.says("katydid_requests_beyond_name_limit_total 9000"));
  CHECK(run.says("katydid_name_limit 1000"));
  CHECK(run.says(R"(katydid_errors_total{method="",name="other",error="other"} 9800)"));
  CHECK(text.size() < 4'000'000);
  run.record({.method = "GET", .name = "/0", .response_time = 1ms});
  CHECK_MESSAGE(run.says(R"(katydid_requests_total{method="GET",name="/0"} 2)"), "names that are known stay apart");
}

TEST_CASE("labels say what names hold") {
  Run run;
  run.record({.method = "GET", .name = "a\"b\\c\nd \xff", .response_time = 1ms});
  CHECK(run.says("katydid_requests_total{method=\"GET\",name=\"a\\\"b\\\\c\\nd \xef\xbf\xbd\"} 1"));
  run.record(
      {.method = "GET", .name = "/", .response_time = 1ms, .error = std::string(199, 'x') + "\xc3\xa9 and more"});
  CHECK_MESSAGE(run.says("katydid_errors_total{method=\"GET\",name=\"/\",error=\"" + std::string(199, 'x') + "…\"} 1"),
                "long errors are cut between two characters");
}

TEST_CASE("dropped tasks are no requests; users and states that are over are 0") {
  Run run;
  run.record({.method = "DROPPED", .name = "Buyer", .response_time = -1ns, .apart = true});
  CHECK(run.says(R"(katydid_dropped_tasks_total{user_class="Buyer"} 1)"));
  CHECK(run.book.text().find("DROPPED") == std::string::npos);
  run.book.set_users({{"Buyer", 3}});
  run.book.set_state("running");
  CHECK(run.says(R"(katydid_users{user_class="Buyer"} 3)"));
  CHECK(run.says(R"(katydid_state{state="running"} 1)"));
  run.book.set_users({});
  run.book.set_state("ready");
  CHECK(run.says(R"(katydid_users{user_class="Buyer"} 0)"));
  CHECK(run.says(R"(katydid_state{state="running"} 0)"));
  CHECK(run.says(R"(katydid_state{state="ready"} 1)"));
}
