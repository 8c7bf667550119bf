// Whatever a server answers: it is parsed or refused with a text, and written it parses to the same value.
#include "base/value.hpp"
#include "tests/fuzz/expect.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  katydid::Value value;
  try {
    value = katydid::Value::parse(text);
  } catch (const std::runtime_error& error) {
    expect(std::string_view(error.what()).starts_with("not valid JSON: "), "a refusal says what it is");
    return 0;
  }
  const std::string written = value.dump();
  const katydid::Value again = katydid::Value::parse(written);
  expect(again.dump() == written, "JSON is stable");
  expect(again == value, "a value survives the way out and in");
  return 0;
}
