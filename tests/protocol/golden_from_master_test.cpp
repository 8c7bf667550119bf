#include "protocol/codec.hpp"
#include "tests/protocol/golden.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace katydid;
using namespace katydid::protocol;
using katydid::testing::Golden;
using katydid::testing::golden_frames;

namespace {

struct Expectations {
  const Golden& golden;

  void operator()(const from_master::Ack& ack) const {
    CHECK(golden.type == "ack");
    REQUIRE(ack.index);
    CHECK(*ack.index >= 0);
    CHECK(*ack.index <= 1);
  }
  void operator()(const from_master::Spawn& spawn) const {
    CHECK(golden.type == "spawn");
    CHECK(spawn.timestamp.time_since_epoch().count() > 1.7e9);
    REQUIRE(spawn.user_classes_count.size() == 2);
    const auto total = spawn.user_classes_count.at("Shopper") + spawn.user_classes_count.at("Admin");
    CHECK(total >= 1);
    CHECK(total <= 6);
    // The last test of the recording was started with the host field cleared.
    if (spawn.host) CHECK((*spawn.host == "http://other.test" || *spawn.host == "http://target.test"));
    CHECK(spawn.stop_timeout == Seconds(1));
    CHECK(spawn.tags == std::vector<std::string>{"browse"});
    CHECK(spawn.exclude_tags == std::vector<std::string>{"never"});
    const Value& options = spawn.parsed_options;
    CHECK(options.get("api_key", "") == "k\xC3\xA4y");
    CHECK(options.get("batch", 0) == 7);
    CHECK(options.get("share", 0.0) == 0.25);
    CHECK(options.get("verbose_mode", false));
    CHECK(options["region"] == Value::array("eu", "us"));
    CHECK(options.get("master", false));
  }
  void operator()(const from_master::SpawningComplete& complete) const {
    CHECK(golden.type == "spawning_complete");
    CHECK(complete.user_count >= 2);
    CHECK(complete.user_count <= 6);
  }
  void operator()(const from_master::Stop&) const { CHECK(golden.type == "stop"); }
  void operator()(const from_master::Quit&) const { CHECK(golden.type == "quit"); }
  void operator()(const from_master::Reconnect&) const { CHECK(golden.type == "reconnect"); }
  void operator()(const from_master::HeartbeatReply&) const { CHECK(golden.type == "heartbeat"); }
  void operator()(const from_master::UpdateUserClass& update) const {
    CHECK(golden.type == "update_user_class");
    CHECK(update.user_class_name == "Shopper");
    CHECK(update.data.get("host", "") == "http://third.test");
    CHECK(update.data.get("weight", 0) == 5);
    CHECK(update.data["tasks"] == Value::array("browse", "fail"));
  }
  void operator()(const from_master::Locustfile& answer) const {
    CHECK(golden.type == "locustfile");
    CHECK_FALSE(answer.error);
    REQUIRE(answer.files.size() == 1);
    CHECK(answer.files[0].name_or_url == "locustfile.py");
    CHECK(answer.files[0].contents.value().find("class Shopper(Base)") != std::string::npos);
  }
  void operator()(const CustomMessage& message) const {
    CHECK(golden.type == message.type);
    if (message.type == "plain") {
      CHECK(message.data == "just a text");
      return;
    }
    REQUIRE(message.type == "greet");
    const Value& data = message.data;
    CHECK(data["integers"][6].as_uint() == 18446744073709551615u);
    CHECK(data["integers"][13].as_int() == INT64_MIN);
    CHECK(data["floats"] == Value::array(0.0, -0.5, 1e300));
    CHECK(data["floats"][0].is_double());
    CHECK(data["nothing"].is_null());
    CHECK(data["truth"] == Value::array(true, false));
    CHECK(data["text"] ==
          "gr\xC3\xBC\xC3\x9F"
          "e \xF0\x9F\xA6\x97");
    CHECK(data["bytes"].as_binary().bytes == std::string("\0\xff", 2));
    CHECK(data["when"] == Value{{"__datetime__", true}, {"as_str", "20260131T10:00:00.250000"}});
    CHECK(data["by number"].as_object().at(0) == std::pair<Value, Value>(1, "one"));
    CHECK(data["many"].size() == 20);
  }
};

}  // namespace

TEST_CASE("every frame of a real master is understood") {
  std::set<std::string> types;
  for (const Golden& golden : golden_frames("from_master")) {
    CAPTURE(golden.name);
    const DecodeResult result = decode_from_master(golden.frame);
    if (const auto* error = std::get_if<DecodeError>(&result)) {
      FAIL_CHECK(error->text);
      continue;
    }
    std::visit(Expectations{golden}, std::get<FromMaster>(result));
    types.insert(golden.type);
  }
  CHECK(types == std::set<std::string>{"ack", "greet", "heartbeat", "locustfile", "plain", "quit", "reconnect", "spawn",
                                       "spawning_complete", "stop", "update_user_class"});
}

TEST_CASE("a ramp-up's spawn messages have rising timestamps and absolute counts") {
  std::string version;
  EpochTime last{};
  for (const Golden& golden : golden_frames("from_master")) {
    if (golden.type != "spawn") continue;
    CAPTURE(golden.name);
    const auto spawn = std::get<from_master::Spawn>(std::get<FromMaster>(decode_from_master(golden.frame)));
    if (golden.version != version) last = {};
    version = golden.version;
    CHECK(spawn.timestamp > last);
    last = spawn.timestamp;
  }
}

TEST_CASE("a real frame that was cut anywhere is refused, and so is one with bytes behind it") {
  for (const Golden& golden : golden_frames("from_master")) {
    CAPTURE(golden.name);
    for (std::size_t size = 0; size<golden.frame.size(); size += golden.frame.size()> 500 ? 37 : 1) {
      REQUIRE(std::holds_alternative<DecodeError>(decode_from_master(golden.frame.substr(0, size))));
    }
    REQUIRE(std::holds_alternative<DecodeError>(decode_from_master(golden.frame + '\0')));
  }
}
