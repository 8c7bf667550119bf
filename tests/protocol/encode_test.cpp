#include "protocol/codec.hpp"
#include "protocol/msgpack.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace katydid;
using namespace katydid::protocol;

namespace {

Value sent(const ToMaster& message) { return unpack(encode(message, "host_1")); }

constexpr auto stamp = EpochTime(Seconds(1'700'000'000.5));

}  // namespace

TEST_CASE("a message is [type, data, node id]") {
  CHECK(sent(to_master::Spawning{}) == Value::array("spawning", nullptr, "host_1"));
  CHECK(sent(to_master::ClientStopped{}) == Value::array("client_stopped", nullptr, "host_1"));
  CHECK(sent(to_master::Quit{}) == Value::array("quit", nullptr, "host_1"));
  CHECK(sent(CustomMessage{"hello", {{"a", 1}}}) == Value::array("hello", Value{{"a", 1}}, "host_1"));
}

TEST_CASE("without a version the master is told not to compare") {
  CHECK(sent(to_master::ClientReady{}) == Value::array("client_ready", -1, "host_1"));
  CHECK(sent(to_master::ClientReady{"2.47.0"}) == Value::array("client_ready", "2.47.0", "host_1"));
}

TEST_CASE("a heartbeat always has its CPU usage, as a float") {
  const Value data = sent(to_master::Heartbeat{State::cleanup, 0, 123})[1];
  CHECK(data == Value{{"state", "cleanup"}, {"current_cpu_usage", 0.0}, {"current_memory_usage", 123}});
  CHECK(data["current_cpu_usage"].is_double());
}

TEST_CASE("states have Locust's names") {
  for (const State state : {State::ready, State::spawning, State::running, State::cleanup, State::stopping,
                            State::stopped, State::missing}) {
    CHECK(state_from(to_string(state)) == state);
  }
  CHECK(to_string(State::stopping) == "stopping");
  CHECK_FALSE(state_from("Ready"));
}

TEST_CASE("whole histogram keys are integers, as Python's, all others floats") {
  to_master::Stats stats;
  stats.total.response_times = {
      {Milliseconds(150), 1}, {Milliseconds(0.37), 2}, {Milliseconds(0), 3}, {Milliseconds(1e300), 4}};
  const auto& keys = sent(stats)[1]["stats_total"]["response_times"].as_object();
  REQUIRE(keys.size() == 4);
  CHECK(keys[0].first.is_int());
  CHECK(keys[0] == std::pair<Value, Value>(150, 1));
  CHECK(keys[1].first.is_double());
  CHECK(keys[1] == std::pair<Value, Value>(0.37, 2));
  CHECK(keys[2].first.is_int());
  CHECK(keys[3].first.is_double());
}

TEST_CASE("what was never seen or timed is None") {
  to_master::Stats stats;
  stats.errors.emplace_back();
  const Value data = sent(stats)[1];
  CHECK(data["stats_total"]["min_response_time"].is_null());
  CHECK(data["stats_total"]["last_request_timestamp"].is_null());
  CHECK(data["errors"].as_object().at(0).second["first_seen"].is_null());
}

TEST_CASE("times go as epoch seconds and milliseconds") {
  to_master::Stats stats;
  StatsEntry entry;
  entry.name = "/a";
  entry.method = "GET";
  entry.start_time = stamp;
  entry.last_request_timestamp = stamp;
  entry.total_response_time = std::chrono::microseconds(1500);
  entry.max_response_time = std::chrono::microseconds(1250);
  entry.min_response_time = std::chrono::microseconds(250);
  entry.num_fail_per_sec = {{std::chrono::sys_seconds(std::chrono::seconds(1'700'000'000)), 7}};
  stats.stats.push_back(entry);
  const Value sent_entry = sent(stats)[1]["stats"][0];
  CHECK(sent_entry["start_time"] == 1'700'000'000.5);
  CHECK(sent_entry["last_request_timestamp"] == 1'700'000'000.5);
  CHECK(sent_entry["total_response_time"] == 1.5);
  CHECK(sent_entry["max_response_time"] == 1.25);
  CHECK(sent_entry["min_response_time"] == 0.25);
  CHECK(sent_entry["num_fail_per_sec"].as_object().at(0) == std::pair<Value, Value>(1'700'000'000, 7));
}

TEST_CASE("the aggregate is named as Locust names it") {
  to_master::Stats stats;
  stats.total.name = "whatever";
  stats.total.method = "GET";
  const Value total = sent(stats)[1]["stats_total"];
  CHECK(total["name"] == "Aggregated");
  CHECK(total["method"] == "");
}

TEST_CASE("errors that differ in anything have different keys") {
  to_master::Stats stats;
  stats.errors = {{"a", "GET", "x", 1, stamp, stamp},
                  {"a", "PUT", "x", 1, stamp, stamp},
                  {"b", "GET", "x", 1, stamp, stamp},
                  {"a", "GET", "y", 1, stamp, stamp},
                  {"GET", "a", "x", 1, stamp, stamp}};
  const Value errors = sent(stats)[1]["errors"];
  for (const auto& [key, error] : errors.as_object()) CHECK(errors[key.as_string()] == error);
  CHECK(errors.size() == 5);
}

TEST_CASE("texts from anywhere are made readable for Python") {
  const std::string bad = "\xff\xfe";
  const std::string fixed = "\xEF\xBF\xBD\xEF\xBF\xBD";
  to_master::Stats stats;
  stats.errors = {{bad, bad, bad, 1, {}, {}}};
  stats.user_classes_count[bad] = 1;
  const Value data = unpack(encode(stats, bad));
  CHECK(data[2] == fixed);
  CHECK(data[1]["errors"].as_object().at(0).second["error"] == fixed);
  CHECK(data[1]["user_classes_count"].as_object().at(0).first == fixed);
  CHECK(sent(to_master::Exception{bad, bad})[1] == Value{{"msg", fixed}, {"traceback", fixed}});
  CHECK(sent(to_master::Logs{{bad}})[1] == Value{{"worker_id", "host_1"}, {"logs", Value::array(fixed)}});
}

TEST_CASE("a custom message that would stop the master is not encoded") {
  CHECK_THROWS_AS(encode(CustomMessage{"stats", {}}, "host_1"), std::invalid_argument);
}
