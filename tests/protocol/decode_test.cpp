#include "protocol/codec.hpp"
#include "protocol/msgpack.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace katydid;
using namespace katydid::protocol;

namespace {

DecodeResult decoded(std::string_view type, const Value& data) {
  return decode_from_master(pack(Value::array(type, data, "host_1")));
}

template <class Message>
Message as(const DecodeResult& result) {
  if (const auto* error = std::get_if<DecodeError>(&result)) FAIL(error->text);
  return std::get<Message>(std::get<FromMaster>(result));
}

std::string error_in(const DecodeResult& result) {
  const auto* error = std::get_if<DecodeError>(&result);
  return error ? error->text : "no error";
}

Value spawn_data() {
  return {{"timestamp", 1.5},
          {"user_classes_count", {{"A", 2}}},
          {"host", "http://a"},
          {"stop_timeout", 2.5},
          {"parsed_options", {{"tags", Value::array("x")}}}};
}

std::string spawn_error(std::string_view field, const Value& value) {
  Value data = spawn_data();
  data.set(field, value);
  return error_in(decoded("spawn", data));
}

from_master::Spawn spawn_with(std::string_view field, const Value& value) {
  Value data = spawn_data();
  data.set(field, value);
  return as<from_master::Spawn>(decoded("spawn", data));
}

}  // namespace

TEST_CASE("a frame that is no message is refused") {
  CHECK(error_in(decode_from_master("")) == "cut off at byte 0");
  CHECK(error_in(decode_from_master(pack("ack"))) == "expected a message [type, data, node id], have \"ack\"");
  CHECK(error_in(decode_from_master(pack(Value::array("ack", nullptr)))) ==
        "expected a message [type, data, node id], have [\"ack\",null]");
  CHECK(error_in(decode_from_master(pack(Value::array(1, 2, 3)))) ==
        "expected a message [type, data, node id], have [1,2,3]");
  CHECK(error_in(decode_from_master(pack(Value::array(std::string(5000, 'x'))))).size() < 200);
}

TEST_CASE("older masters acknowledge without an index") {
  CHECK(as<from_master::Ack>(decoded("ack", nullptr)).index == std::nullopt);
  CHECK(as<from_master::Ack>(decoded("ack", Value::object())).index == std::nullopt);
  CHECK(as<from_master::Ack>(decoded("ack", {{"index", nullptr}})).index == std::nullopt);
  CHECK(as<from_master::Ack>(decoded("ack", {{"index", 3}})).index == 3);
  CHECK(error_in(decoded("ack", {{"index", "x"}})) ==
        "message \"ack\": field \"index\": expected an integer, have the string \"x\"");
  CHECK(error_in(decoded("ack", 5)) == "message \"ack\": expected an object, have integer 5");
}

TEST_CASE("a spawn message is read in full") {
  const auto spawn = as<from_master::Spawn>(decoded("spawn", spawn_data()));
  CHECK(spawn.timestamp == EpochTime(Seconds(1.5)));
  CHECK(spawn.user_classes_count == UserClassesCount{{"A", 2}});
  CHECK(spawn.host == "http://a");
  CHECK(spawn.stop_timeout == Seconds(2.5));
  CHECK(spawn.tags == std::vector<std::string>{"x"});
  CHECK(spawn.exclude_tags.empty());
  CHECK(spawn.parsed_options == Value{{"tags", Value::array("x")}});
}

TEST_CASE("what a master has no value for may be missing or None") {
  const auto bare =
      as<from_master::Spawn>(decoded("spawn", {{"timestamp", 1}, {"user_classes_count", Value::object()}}));
  CHECK(bare.user_classes_count.empty());
  CHECK_FALSE(bare.host);
  CHECK(bare.stop_timeout == Seconds(0));
  CHECK(bare.parsed_options == Value::object());
  for (const char* field : {"host", "stop_timeout", "parsed_options"}) {
    CAPTURE(field);
    CHECK(spawn_with(field, nullptr).user_classes_count.size() == 1);
  }
  CHECK_FALSE(spawn_with("host", nullptr).host);
  CHECK_FALSE(spawn_with("host", "").host);
  CHECK(spawn_with("parsed_options", {{"tags", nullptr}, {"exclude_tags", nullptr}}).tags.empty());
}

TEST_CASE("tags may come as one text") {
  CHECK(spawn_with("parsed_options", {{"tags", " a  b "}}).tags == std::vector<std::string>{"a", "b"});
  CHECK(spawn_with("parsed_options", {{"exclude_tags", "a"}}).exclude_tags == std::vector<std::string>{"a"});
  CHECK(spawn_with("parsed_options", {{"tags", ""}}).tags.empty());
}

TEST_CASE("stop_timeout is kept where clocks can count it") {
  CHECK(spawn_with("stop_timeout", -1).stop_timeout == Seconds(0));
  CHECK(spawn_with("stop_timeout", 1e300).stop_timeout == Seconds(1e9));
  CHECK(spawn_with("stop_timeout", std::numeric_limits<double>::infinity()).stop_timeout == Seconds(1e9));
  CHECK(spawn_error("stop_timeout", std::nan("")) ==
        "message \"spawn\": field \"stop_timeout\": expected a number of seconds, have NaN");
}

TEST_CASE("a wrong spawn message is told with the field and what was expected") {
  CHECK(error_in(decoded("spawn", nullptr)) == "message \"spawn\": expected an object, have null");
  CHECK(error_in(decoded("spawn", Value::object())) == "message \"spawn\": field \"timestamp\": missing");
  CHECK(error_in(decoded("spawn", {{"timestamp", 1}})) == "message \"spawn\": field \"user_classes_count\": missing");
  CHECK(spawn_error("timestamp", "now") ==
        "message \"spawn\": field \"timestamp\": expected a number, have the string \"now\"");
  CHECK(spawn_error("timestamp", std::nan("")) == "message \"spawn\": field \"timestamp\": expected a finite number");
  CHECK(spawn_error("user_classes_count", Value::array(1)) ==
        "message \"spawn\": field \"user_classes_count\": expected an object, have an array of 1 item");
  CHECK(spawn_error("user_classes_count", {{"A", -1}}) ==
        "message \"spawn\": field \"user_classes_count\": class \"A\": expected 0 to 100000000 users, have -1");
  CHECK(spawn_error("user_classes_count", {{"A", "many"}}) ==
        "message \"spawn\": field \"user_classes_count\": class \"A\": expected an integer, have the string \"many\"");
  CHECK(spawn_error("user_classes_count", {{"A", 90'000'000}, {"B", 90'000'000}}) ==
        "message \"spawn\": field \"user_classes_count\": more than 100000000 users");
  CHECK(spawn_error("host", 5) == "message \"spawn\": field \"host\": expected a string, have integer 5");
  CHECK(spawn_error("parsed_options", "x") ==
        "message \"spawn\": field \"parsed_options\": expected an object, have the string \"x\"");
  CHECK(spawn_error("parsed_options", {{"tags", Value::array(1)}}) ==
        "message \"spawn\": field \"parsed_options\": field \"tags\": expected a string, have integer 1");
}

TEST_CASE("messages without data don't look at it") {
  as<from_master::Stop>(decoded("stop", nullptr));
  as<from_master::Quit>(decoded("quit", {{"reason", 1}}));
  as<from_master::Reconnect>(decoded("reconnect", 7));
  as<from_master::HeartbeatReply>(decoded("heartbeat", nullptr));
}

TEST_CASE("spawning_complete and update_user_class need their field") {
  CHECK(as<from_master::SpawningComplete>(decoded("spawning_complete", {{"user_count", 3}})).user_count == 3);
  CHECK(error_in(decoded("spawning_complete", Value::object())) ==
        "message \"spawning_complete\": field \"user_count\": missing");
  const auto update =
      as<from_master::UpdateUserClass>(decoded("update_user_class", {{"user_class_name", "A"}, {"weight", 2}}));
  CHECK(update.user_class_name == "A");
  CHECK(update.data["weight"] == 2);
  CHECK(error_in(decoded("update_user_class", {{"weight", 2}})) ==
        "message \"update_user_class\": field \"user_class_name\": missing");
}

TEST_CASE("locustfiles come as files, as URLs, as one file from older masters, or not at all") {
  const auto files = as<from_master::Locustfile>(decoded(
      "locustfile", {{"locustfiles", Value::array(Value{{"filename", "a.py"}, {"contents", "x"}}, "http://a/b.py")}}));
  REQUIRE(files.files.size() == 2);
  CHECK(files.files[0].name_or_url == "a.py");
  CHECK(files.files[0].contents == "x");
  CHECK(files.files[1].name_or_url == "http://a/b.py");
  CHECK_FALSE(files.files[1].contents);

  const auto one = as<from_master::Locustfile>(decoded("locustfile", {{"filename", "a.py"}, {"contents", "x"}}));
  REQUIRE(one.files.size() == 1);
  CHECK(one.files[0].contents == "x");

  CHECK(as<from_master::Locustfile>(decoded("locustfile", {{"error", "no file"}})).error == "no file");
  CHECK(error_in(decoded("locustfile", {{"locustfiles", Value::array(Value{{"filename", "a.py"}})}})) ==
        "message \"locustfile\": field \"locustfiles\": field \"contents\": missing");
  CHECK(error_in(decoded("locustfile", nullptr)) == "message \"locustfile\": expected an object, have null");
}

TEST_CASE("an unknown type is a custom message, whatever its data") {
  const auto message = as<CustomMessage>(decoded("my message", Value::array(1, "x")));
  CHECK(message.type == "my message");
  CHECK(message.data == Value::array(1, "x"));
  CHECK(as<CustomMessage>(decoded("stats", nullptr)).type == "stats");
  CHECK(as<CustomMessage>(decoded("", nullptr)).type.empty());
}

TEST_CASE("an error's text stays short and readable whatever the type is") {
  const std::string text = error_in(decoded(std::string(10'000, 'x') + "\xff", Value{{"a", 1}}));
  CHECK(text == "no error");
  CHECK(error_in(decoded("ack", std::string(10'000, 'x'))).size() < 200);
}

TEST_CASE("a message with another's node id is for another, and one without is for everybody") {
  const auto addressed = [](const Value& to) {
    return decode_from_master(pack(Value::array("stop", nullptr, to)), "host_1");
  };
  CHECK(std::holds_alternative<FromMaster>(addressed("host_1")));
  CHECK(std::holds_alternative<FromMaster>(addressed(nullptr)));
  CHECK(std::holds_alternative<FromMaster>(addressed("")));
  CHECK(std::holds_alternative<FromMaster>(addressed(7)));
  const DecodeResult other = addressed("host_2");
  REQUIRE(std::holds_alternative<ForAnother>(other));
  CHECK(std::get<ForAnother>(other).type == "stop");
  CHECK(std::get<ForAnother>(other).node_id == "host_2");
  CHECK(std::holds_alternative<FromMaster>(decode_from_master(pack(Value::array("stop", nullptr, "host_2")))));
}
