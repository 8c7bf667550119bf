#pragma once

#include "websocket/deflate.hpp"
#include "websocket/frame.hpp"
#include "websocket/utf8_check.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace katydid {

/// What a server sends, piece by piece (RFC 6455), and strictly: anything that it must not send is an error. Memory is
/// bounded by the size of a message.
class MessageReader {
 public:
  explicit MessageReader(std::uint64_t most_bytes_of_a_message) : most_(most_bytes_of_a_message) {}

  /// Messages may be compressed, as it was agreed.
  void inflate_by(const DeflateParameters& agreed) { inflater_ = std::make_unique<MessageInflater>(agreed); }

  enum class Progress { more, message, ping, pong, close, failed };
  /// Takes from the front of `bytes`, up to the end of a message or a control frame.
  Progress feed(std::string_view& bytes);

  /// After a message, ping, pong or close: what it holds, valid until the next feed(); of a close, its reason.
  std::string_view payload() const { return payload_; }
  /// Of a message.
  bool is_text() const { return kind_ == Opcode::text; }
  /// After a close: its code, or close_code::none.
  std::uint16_t code() const { return code_; }

  /// Why it failed: "ProtocolError: …", and what to close the connection with.
  const std::string& error() const { return error_; }
  std::uint16_t error_code() const { return code_; }

 private:
  enum class Header { part, whole, bad };
  Header read_header(std::string_view& bytes);
  bool check_first(unsigned char first);
  bool check_length(unsigned char second);
  bool start_frame();
  bool add(std::string_view piece);
  bool check_added(std::size_t before, MessageInflater::Result result);
  bool end_message();
  bool end_close();
  bool fail(std::uint16_t code, std::string error);
  bool fail_by(MessageInflater::Result result);
  bool check_text(std::string_view piece);

  std::uint64_t most_;
  std::unique_ptr<MessageInflater> inflater_;

  // The frame.
  std::array<unsigned char, 10> header_;
  std::size_t header_size_ = 0;
  bool in_payload_ = false;
  bool last_ = true;
  Opcode opcode_ = Opcode::text;
  std::uint64_t remaining_ = 0;

  // The message that it belongs to, which control frames may interrupt.
  bool in_message_ = false, compressed_ = false, is_over_ = false;
  Opcode kind_ = Opcode::text;
  std::uint64_t received_ = 0;  // bytes of it, as they were sent
  std::string message_;
  Utf8Check utf8_;

  std::string control_, error_;
  std::string_view payload_;
  std::uint16_t code_ = 0;
};

}  // namespace katydid
