#pragma once

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace katydid {

/// What both sides of a connection agreed on for permessage-deflate (RFC 7692, 7.1).
struct DeflateParameters {
  bool server_no_context_takeover = false, client_no_context_takeover = false;
  int server_max_window_bits = 15, client_max_window_bits = 15;
};

/// As an offer in Sec-WebSocket-Extensions.
inline constexpr char deflate_offer[] = "permessage-deflate; client_max_window_bits";

/// The server's answer to that offer. Nothing where it is none that the offer allows; `why` says why.
std::optional<DeflateParameters> agreed_deflate(std::string_view extension, std::string& why);

/// Compresses messages of one connection. Up to 260 KB, from the first message on.
class MessageDeflater {
 public:
  explicit MessageDeflater(const DeflateParameters& agreed);
  ~MessageDeflater();
  MessageDeflater(const MessageDeflater&) = delete;
  MessageDeflater& operator=(const MessageDeflater&) = delete;

  /// The message as it is sent; valid until the next call. Nothing where it is to be sent as it is: zlib knows no
  /// window of 256 bytes.
  std::optional<std::string_view> deflate(std::string_view message);

 private:
  DeflateParameters agreed_;
  z_stream stream_{};
  bool started_ = false;
  std::string out_;
};

/// The other way: messages come in pieces. Up to 40 KB.
class MessageInflater {
 public:
  explicit MessageInflater(const DeflateParameters& agreed);
  ~MessageInflater();
  MessageInflater(const MessageInflater&) = delete;
  MessageInflater& operator=(const MessageInflater&) = delete;

  enum class Result { ok, too_big, broken };
  /// Appends what the next piece of a message's payload holds, while the message stays within `most` bytes.
  Result inflate(std::string_view piece, std::string& message, std::uint64_t most);
  /// The message has no more pieces.
  Result end(std::string& message, std::uint64_t most);

 private:
  DeflateParameters agreed_;
  z_stream stream_{};
};

}  // namespace katydid
