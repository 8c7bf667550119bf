// Whatever a server sends and in whatever pieces it comes: the messages are those of the whole, none is larger than its
// limit, each text is UTF-8, and what was refused stays refused. What this client sends is read back as it was.
#include "base/utf8.hpp"
#include "tests/fuzz/expect.hpp"
#include "websocket/deflate.hpp"
#include "websocket/message_reader.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace katydid;

namespace {

constexpr std::uint64_t most = 1 << 16;

std::vector<std::string> read(std::string_view bytes, std::size_t piece, const DeflateParameters* agreed) {
  MessageReader reader(most);
  if (agreed) reader.inflate_by(*agreed);
  std::vector<std::string> found;
  while (!bytes.empty()) {
    std::string_view left = bytes.substr(0, piece);
    bytes.remove_prefix(left.size());
    while (!left.empty()) {
      const auto progress = reader.feed(left);
      if (progress == MessageReader::Progress::failed) {
        expect(!reader.error().empty() && may_be_sent(reader.error_code()), "a failure says what, and has a code");
        found.push_back(reader.error());
        return found;
      }
      if (progress == MessageReader::Progress::more) continue;
      const auto payload = reader.payload();
      const bool is_message = progress == MessageReader::Progress::message;
      expect(payload.size() <= (is_message ? most : most_control_bytes), "the limits hold");
      if (is_message && reader.is_text()) expect(valid_utf8_prefix(payload) == payload.size(), "a text is UTF-8");
      found.push_back(std::to_string(static_cast<int>(progress)) + std::string(payload));
    }
  }
  return found;
}

void send_and_read_back(std::string_view message, const DeflateParameters& agreed) {
  MessageDeflater deflater(agreed);
  MessageInflater inflater(agreed);
  for (int i = 0; i < 2; ++i) {
    const auto sent = deflater.deflate(message);
    std::string received;
    if (!sent) return;
    expect(inflater.inflate(*sent, received, message.size()) == MessageInflater::Result::ok, "it is read");
    expect(inflater.end(received, message.size()) == MessageInflater::Result::ok, "to its end");
    expect(received == message, "as it was");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t piece = data[0] % 32 + 1;
  const bool compressed = (data[1] & 1U) != 0, forgets = (data[1] & 2U) != 0;
  const int bits = 8 + (data[1] >> 2U) % 8;
  const DeflateParameters agreed{.server_no_context_takeover = forgets,
                                 .client_no_context_takeover = forgets,
                                 .server_max_window_bits = bits,
                                 .client_max_window_bits = bits};
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto whole = read(bytes, bytes.size() + 1, compressed ? &agreed : nullptr);
  expect(read(bytes, piece, compressed ? &agreed : nullptr) == whole, "pieces don't change what is read");
  send_and_read_back(bytes, agreed);
  std::string why;
  expect(agreed_deflate(bytes, why) ? why.empty() : !why.empty(), "an answer is taken, or refused with a reason");
  return 0;
}
