#pragma once
#include "protocol/message.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace katydid::protocol {

/// What a frame may be at most; a frame beyond it is a DecodeError, found before memory is spent on it.
struct Limits {
  static constexpr std::size_t frame_bytes = 64 << 20;
  static constexpr std::size_t depth = 64;
  /// Values in a whole frame: items, keys, fields.
  static constexpr std::size_t values = 1 << 20;
  static constexpr std::int64_t users = 100'000'000;
};

/// Why a frame was refused: a sentence with the message's type, the field and what was expected.
struct DecodeError {
  std::string text;
};

using DecodeResult = std::variant<FromMaster, DecodeError>;

/// One ZeroMQ frame: msgpack [type, data, node_id] as the Python worker writes it. Text is always str and valid
/// UTF-8: invalid bytes become U+FFFD, because the master can't read anything else.
std::string encode(const ToMaster& message, std::string_view node_id);

/// Never throws on any input but std::bad_alloc. An unknown type becomes a CustomMessage.
DecodeResult decode_from_master(std::string_view frame);

}  // namespace katydid::protocol
