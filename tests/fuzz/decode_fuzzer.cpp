// Whatever a master sends, or somebody who claims to be one: it is decoded or refused with a text, and what came in
// can go out again in a form that comes in the same.
#include "base/utf8.hpp"
#include "protocol/codec.hpp"
#include "protocol/msgpack.hpp"
#include "tests/fuzz/expect.hpp"

#include <cstdint>
#include <stdexcept>

using namespace katydid;
using namespace katydid::protocol;

namespace {

bool passes(const CustomMessage& message) {
  try {
    check(message);
    return true;
  } catch (const std::invalid_argument&) {
    return false;
  }
}

void check_values(std::string_view bytes) {
  Value value;
  try {
    value = unpack(bytes);
  } catch (const std::runtime_error& error) {
    expect(*error.what() != '\0', "a refusal has a text");
    return;
  }
  const std::string packed = pack(value);
  expect(pack(unpack(packed)) == packed, "packing is stable");
  const std::string text = value.dump();
  expect(valid_utf8_prefix(text) == text.size(), "JSON is valid UTF-8");
  expect(Value::parse(text).dump() == text, "JSON is stable");
}

void check_message(std::string_view bytes) {
  const DecodeResult result = decode_from_master(bytes);
  if (const auto* error = std::get_if<DecodeError>(&result)) {
    expect(!error->text.empty(), "a refusal has a text");
    return;
  }
  const auto& message = std::get<FromMaster>(result);
  if (const auto* spawn = std::get_if<from_master::Spawn>(&message)) {
    expect(spawn->stop_timeout >= Seconds(0) && spawn->stop_timeout <= Seconds(1e9), "stop_timeout is bounded");
    for (const auto& [name, count] : spawn->user_classes_count) {
      expect(count >= 0 && count <= Limits::users, "users are bounded");
    }
    expect(spawn->parsed_options.is_object(), "options are an object");
  }
  const auto* custom = std::get_if<CustomMessage>(&message);
  if (!custom || !passes(*custom)) return;
  const std::string frame = encode(*custom, "id");
  const DecodeResult again = decode_from_master(frame);
  expect(std::holds_alternative<FromMaster>(again), "what may be sent may be received");
  const auto* same = std::get_if<CustomMessage>(&std::get<FromMaster>(again));
  // Repairing a type's UTF-8 can't make it one of the master's, for these have no U+FFFD.
  expect(same && encode(*same, "id") == frame, "a custom message is stable");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_values(bytes);
  check_message(bytes);
  return 0;
}
