// Tried on real masters: most of what is refused here ends the greenlet that listens to all workers.
#include "protocol/codec.hpp"
#include "protocol/msgpack.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace katydid;
using namespace katydid::protocol;

namespace {

std::string refusal(const Value& data, const std::string& type = "greet") {
  try {
    check(CustomMessage{type, data});
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

Value nested(std::size_t levels) {
  Value value;
  for (std::size_t i = 0; i < levels; ++i) value = Value::array(std::move(value));
  return value;
}

Value keyed(Value key) {
  Value value = Value::object();
  value.as_object().emplace_back(std::move(key), 1);
  return value;
}

std::string date_refusal(const char* text) { return refusal({{"__datetime__", true}, {"as_str", text}}); }

}  // namespace

TEST_CASE("plain data passes") {
  CHECK(refusal(nullptr) == "");
  CHECK(refusal("text") == "");
  CHECK(refusal({{"list", Value::array(1, 2.5, nullptr, true, Binary("x"))}, {"object", Value::object()}}) == "");
  CHECK(refusal(keyed(1)) == "");
  CHECK(refusal(keyed(nullptr)) == "");
}

TEST_CASE("Locust's own types are refused") {
  CHECK(refusal({}, "stats") ==
        "a message can't have the type \"stats\", which is one of Locust's own: choose another name");
  for (const char* type : {"client_ready", "client_stopped", "exception", "heartbeat", "locustfile", "logs", "quit",
                           "spawning", "spawning_complete"}) {
    CHECK(refusal({}, type) != "");
  }
  CHECK(refusal({}, "Stats") == "");
}

TEST_CASE("keys that Python can't hash are refused") {
  CHECK(refusal(keyed(Value::array(1))) ==
        "the message \"greet\" can't be sent to the master: an array or an object as a key, which Python can't "
        "hash");
  CHECK(refusal(keyed(Value::object())) != "");
  CHECK(refusal({{"deep", Value::array(keyed(Value::array()))}}) != "");
}

TEST_CASE("dates must be what Python's decoder takes") {
  CHECK(date_refusal("20260131T10:00:00.250000") == "");
  CHECK(date_refusal("20240229T23:59:59.5") == "");
  for (const char* text :
       {"", "2026-01-31", "20260131T10:00:00", "20260131T10:00:00.", "20260132T10:00:00.0", "20260229T10:00:00.0",
        "20261301T10:00:00.0", "00000101T10:00:00.0", "20260131T24:00:00.0", "20260131T10:60:00.0",
        "20260131T10:00:60.0", "20260131T10:00:00.1234567", "2026013aT10:00:00.0", "20260131 10:00:00.0",
        "20260131T10:00:00.25x", "-0260131T10:00:00.0"}) {
    CAPTURE(text);
    CHECK(date_refusal(text).find("a __datetime__ without a date like") != std::string::npos);
  }
  CHECK(refusal({{"__datetime__", true}}) != "");
  CHECK(refusal({{"__datetime__", true}, {"as_str", 5}}) != "");
  CHECK(refusal({{"__ObjectId__", true}, {"as_str", "507f1f77bcf86cd799439011"}}) != "");
}

TEST_CASE("what may be sent may be received as well") {
  const std::size_t deepest = Limits::depth - 1;
  CHECK(refusal(nested(deepest)) == "");
  CHECK(std::holds_alternative<FromMaster>(decode_from_master(encode(CustomMessage{"greet", nested(deepest)}, "id"))));
  CHECK(refusal(nested(deepest + 1)) ==
        "the message \"greet\" can't be sent to the master: nested deeper than 63 levels");
  Value many = Value::array();
  many.as_array().resize(Limits::values + 1);
  CHECK(refusal(many).ends_with("more than 1048576 values"));
  CHECK(refusal(std::string(Limits::frame_bytes + 1, 'x')).ends_with("more than 67108864 bytes"));
}
