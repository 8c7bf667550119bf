#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace katydid {

/// RFC 6455, 5.2.
enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

constexpr bool is_control(Opcode opcode) { return static_cast<std::uint8_t>(opcode) >= 8; }

/// Of a control frame's payload.
inline constexpr std::size_t most_control_bytes = 125;

/// Codes of a close (RFC 6455, 7.4.1) that this client sends or tells of.
namespace close_code {
inline constexpr std::uint16_t normal = 1000, going_away = 1001, protocol_error = 1002, none = 1005, abnormal = 1006,
                               bad_data = 1007, too_big = 1009;
}  // namespace close_code

/// Whether it may stand in a close frame.
bool may_be_sent(std::uint16_t code);

/// The payload of a close frame: empty for close_code::none.
std::string close_payload(std::uint16_t code, std::string_view reason);

struct FrameKind {
  Opcode opcode = Opcode::text;
  bool last = true;         ///< of its message
  bool compressed = false;  ///< RSV1, of a message's first frame
};

/// Appends a frame of a client: masked with that key (RFC 6455, 5.3).
void append_frame(std::string& out, const FrameKind& kind, std::string_view payload, std::uint32_t key);

/// Masks, or takes the mask away; the key as its bytes lie in memory.
void apply_mask(char* bytes, std::size_t size, std::uint32_t key);

/// Another one for each frame. For one thread.
std::uint32_t next_masking_key();

}  // namespace katydid
