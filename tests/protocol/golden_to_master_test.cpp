// Encodes with Katydid what Python's worker said in the recordings, and compares.
#include "protocol/codec.hpp"
#include "protocol/msgpack.hpp"
#include "tests/protocol/golden.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <set>

using namespace katydid;
using namespace katydid::protocol;
using katydid::testing::Golden;
using katydid::testing::golden_frames;

namespace {

EpochTime epoch(const Value& value) { return EpochTime(Seconds(value.as_double())); }

std::optional<EpochTime> maybe_epoch(const Value* value) {
  return value && !value->is_null() ? std::optional(epoch(*value)) : std::nullopt;
}

UserClassesCount classes(const Value& data) {
  UserClassesCount counts;
  for (const auto& [name, count] : data["user_classes_count"].as_object()) counts[name.as_string()] = count.as_int();
  return counts;
}

std::vector<std::pair<std::chrono::sys_seconds, std::uint64_t>> per_second(const Value& counts) {
  std::vector<std::pair<std::chrono::sys_seconds, std::uint64_t>> result;
  for (const auto& [second, count] : counts.as_object()) {
    result.emplace_back(std::chrono::sys_seconds(std::chrono::seconds(second.as_int())), count.as_uint());
  }
  return result;
}

StatsEntry entry(const Value& data) {
  StatsEntry result;
  result.name = data["name"].as_string();
  result.method = data.get("method", "");
  result.last_request_timestamp = maybe_epoch(data.find("last_request_timestamp"));
  result.start_time = epoch(data["start_time"]);
  result.num_requests = data["num_requests"].as_uint();
  result.num_none_requests = data["num_none_requests"].as_uint();
  result.num_failures = data["num_failures"].as_uint();
  result.total_response_time = Milliseconds(data["total_response_time"].as_double());
  result.max_response_time = Milliseconds(data["max_response_time"].as_double());
  if (const Value& min = data["min_response_time"]; !min.is_null())
    result.min_response_time = Milliseconds(min.as_double());
  result.total_content_length = data["total_content_length"].as_uint();
  for (const auto& [time, count] : data["response_times"].as_object()) {
    result.response_times.emplace_back(Milliseconds(time.as_double()), count.as_uint());
  }
  result.num_reqs_per_sec = per_second(data["num_reqs_per_sec"]);
  result.num_fail_per_sec = per_second(data["num_fail_per_sec"]);
  return result;
}

to_master::Stats stats(const Value& data) {
  to_master::Stats result;
  for (const Value& item : data["stats"].as_array()) result.stats.push_back(entry(item));
  result.total = entry(data["stats_total"]);
  for (const auto& [key, error] : data["errors"].as_object()) {
    result.errors.push_back({error["name"].as_string(), error["method"].as_string(), error["error"].as_string(),
                             error["occurrences"].as_uint(), maybe_epoch(error.find("first_seen")),
                             maybe_epoch(error.find("last_seen"))});
  }
  result.user_classes_count = classes(data);
  result.user_count = data["user_count"].as_int();
  return result;
}

ToMaster message(const std::string& type, const Value& data) {
  if (type == "client_ready") return to_master::ClientReady{data.as_string()};
  if (type == "heartbeat") {
    return to_master::Heartbeat{state_from(data["state"].as_string()).value(), data["current_cpu_usage"].as_double(),
                                data["current_memory_usage"].as_int()};
  }
  if (type == "spawning") return to_master::Spawning{};
  if (type == "spawning_complete") return to_master::SpawningComplete{classes(data), data["user_count"].as_int()};
  if (type == "stats") return stats(data);
  if (type == "exception") return to_master::Exception{data["msg"].as_string(), data["traceback"].as_string()};
  if (type == "logs") {
    to_master::Logs logs;
    for (const Value& line : data["logs"].as_array()) logs.lines.push_back(line.as_string());
    return logs;
  }
  if (type == "client_stopped") return to_master::ClientStopped{};
  if (type == "quit") return to_master::Quit{};
  if (type == "locustfile") return to_master::LocustfileRequest{data["version"].as_string()};
  return CustomMessage{type, data};
}

/// Makes Python's statistics comparable: what differs on purpose is replaced by what Katydid sends.
Value normalised(Value frame) {
  Value& data = frame.as_array()[1];
  Value errors = Value::object();
  for (const auto& [key, error] : data["errors"].as_object()) {
    Value item = error;
    // Releases that don't know when an error was seen ignore what they don't know.
    if (!item.contains("first_seen")) item.set("first_seen", nullptr).set("last_seen", nullptr);
    errors.set(item["method"].as_string() + '\x1f' + item["name"].as_string() + '\x1f' + item["error"].as_string(),
               item);
  }
  data.set("errors", errors);
  Value total = data["stats_total"];
  if (total["method"].is_null()) total.set("method", "");
  data.set("stats_total", total);
  return frame;
}

/// The msgpack types must be Python's as well. Response times are the exception: our sums are always float64 and our
/// whole histogram keys integers; Python's depend on the release and on what the user's own code reported.
void check_types(const Value& python, const Value& ours, const std::string& path) {
  CAPTURE(path);
  constexpr std::array<std::string_view, 3> times = {"/total_response_time", "/max_response_time",
                                                     "/min_response_time"};
  if (std::ranges::none_of(times, [&](std::string_view end) { return path.ends_with(end); })) {
    CHECK(python.type_name() == ours.type_name());
  }
  if (python.is_array()) {
    for (std::size_t i = 0; i < python.size(); ++i) check_types(python[i], ours[i], path + '/' + std::to_string(i));
  }
  if (!python.is_object()) return;
  for (const auto& [key, value] : python.as_object()) {
    const auto& fields = ours.as_object();
    const auto same = std::ranges::find(fields, key, [](const auto& field) { return field.first; });
    REQUIRE(same != fields.end());
    CHECK((same->first.type_name() == key.type_name() || (path.ends_with("/response_times") && same->first.is_int())));
    check_types(value, same->second, path + '/' + (key.is_string() ? key.as_string() : key.dump()));
  }
}

}  // namespace

TEST_CASE("Katydid's frames are those of Python's worker, byte for byte") {
  std::set<std::string> types;
  for (const Golden& golden : golden_frames("to_master")) {
    if (golden.type == "stats" || golden.type == "spawning_complete") continue;
    CAPTURE(golden.name);
    const Value content = unpack(golden.frame);
    CHECK(encode(message(golden.type, content[1]), content[2].as_string()) == golden.frame);
    types.insert(golden.type);
  }
  CHECK(types == std::set<std::string>{"client_ready", "client_stopped", "exception", "greeted", "heartbeat",
                                       "locustfile", "logs", "quit", "spawning"});
}

TEST_CASE("where the order is free, Katydid's frames have the same fields, values and types") {
  int failures = 0;
  int untimed = 0;
  for (const Golden& golden : golden_frames("to_master")) {
    if (golden.type != "stats" && golden.type != "spawning_complete") continue;
    CAPTURE(golden.name);
    const Value content = unpack(golden.frame);
    const Value python = golden.type == "stats" ? normalised(content) : content;
    const Value ours = unpack(encode(message(golden.type, content[1]), content[2].as_string()));
    CHECK(ours == python);
    check_types(python, ours, golden.type);
    if (golden.type == "stats") {
      failures += static_cast<int>(content[1]["errors"].size());
      untimed += content[1]["stats_total"]["num_none_requests"].as_int() > 0;
    }
  }
  CHECK(failures >= 4);
  CHECK(untimed >= 4);
}

TEST_CASE("packing what was unpacked gives Python's bytes") {
  for (const char* direction : {"to_master", "from_master"}) {
    for (const Golden& golden : golden_frames(direction)) {
      CAPTURE(golden.name);
      CHECK(pack(unpack(golden.frame)) == golden.frame);
    }
  }
}
