// Whatever a set of descriptors holds: it is refused, or there is a header for each file.
#include "tests/fuzz/expect.hpp"
#include "worker/locustfile/service_stubs.hpp"

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

using namespace katydid;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    for (const StubHeader& header : service_stubs({reinterpret_cast<const char*>(data), size}))
      expect(header.text.starts_with("// Made by katydid of "), "it is a header");
  } catch (const std::runtime_error& error) {
    expect(!std::string(error.what()).empty(), "a refusal says why");
  }
  return 0;
}
