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

/// What is wrong with a map in either direction: the other end is written in Python.
inline constexpr char unhashable_key[] = "an array or an object as a key, which Python can't hash";

/// Why a frame was refused: a sentence with the message's type, the field and what was expected.
struct DecodeError {
  std::string text;
};

/// A message that carries another worker's node id: it came over the wrong connection.
struct ForAnother {
  std::string type, node_id;
};

using DecodeResult = std::variant<FromMaster, DecodeError, ForAnother>;

/// One ZeroMQ frame: msgpack [type, data, node_id] as the Python worker writes it. Text is always str and valid
/// UTF-8: invalid bytes become U+FFFD, because the master can't read anything else.
/// Throws std::invalid_argument for a CustomMessage that check() refuses.
std::string encode(const ToMaster& message, std::string_view node_id);

/// Throws std::invalid_argument, with the reason, for a message that would stop the master's listener, after which it
/// hears no worker any more: one of Locust's own types, a map key that Python can't hash, a date that it can't parse,
/// too deep, too many values, too many bytes. For the place where a user's message enters, where the user sees the
/// exception.
void check(const CustomMessage& message);

/// The same for to_master::Stats::additions, which can't have the keys that a report has itself.
void check_additions(const Value& additions);

/// Never throws on any input but std::bad_alloc. An unknown type becomes a CustomMessage. `node_id`: whose messages are
/// read, or everybody's. Locust puts the node id into each; a message without one is for whoever it reaches.
DecodeResult decode_from_master(std::string_view frame, std::string_view node_id = {});

}  // namespace katydid::protocol
