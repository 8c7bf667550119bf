// Whatever a body claims to be compressed with: it is decoded or refused with a text, within the bound, and the same in
// whatever pieces it comes. The first byte says with what.
#include "http/content/decoder.hpp"
#include "tests/fuzz/expect.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>

using namespace katydid;

namespace {

constexpr std::array encodings{"gzip",        "deflate",  "br",       "gzip, deflate",
                               "deflate, br", "br, gzip", "identity", "gzip, gzip"};
constexpr std::uint64_t most = 1 << 20;

struct Outcome {
  bool fine = true;
  std::string body, error;
};

Outcome decode(ContentDecoder& decoder, const char* encoding, std::string_view bytes, std::size_t piece) {
  Outcome outcome;
  decoder.start(encoding);
  while (outcome.fine && !bytes.empty()) {
    const auto size = std::min(piece, bytes.size());
    outcome.fine = decoder.feed(bytes.substr(0, size), outcome.body, most);
    bytes.remove_prefix(size);
  }
  outcome.fine = outcome.fine && decoder.finish();
  outcome.error = decoder.error();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static ContentDecoder decoder;
  if (size == 0) return 0;
  const auto* const encoding = encodings[data[0] % encodings.size()];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = decode(decoder, encoding, bytes, size);
  expect(whole.fine == whole.error.empty(), "a refusal has a text, and nothing else has");
  expect(whole.body.size() <= most, "a body keeps to its bound");
  for (const auto piece : {std::size_t{1}, std::hash<std::string_view>()(bytes) % 50 + 2}) {
    const auto other = decode(decoder, encoding, bytes, piece);
    expect(other.fine == whole.fine, "pieces don't change the verdict");
    expect(!whole.fine || other.body == whole.body, "pieces don't change the body");
  }
  return 0;
}
