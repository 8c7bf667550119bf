#pragma once

#include "websocket/frame.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace katydid {

/// A frame of a server, with any first byte; `length` in place of the payload's own, in so many bytes (0, 2 or 8).
inline std::string raw_frame(unsigned first, std::string_view payload, int length_bytes, std::uint64_t length) {
  std::string frame{static_cast<char>(first)};
  if (length_bytes == 0) {
    frame += static_cast<char>(length);
  } else {
    frame += static_cast<char>(length_bytes == 2 ? 126 : 127);
    for (int i = length_bytes; i-- > 0;) frame += static_cast<char>(length >> (8 * i));
  }
  return frame.append(payload);
}

inline std::string raw_frame(unsigned first, std::string_view payload) {
  const std::uint64_t size = payload.size();
  return raw_frame(first, payload, size < 126 ? 0 : size < 0x10000 ? 2 : 8, size);
}

/// One that is right. @{
inline std::string text_frame(std::string_view text) { return raw_frame(0x81, text); }
inline std::string close_frame(std::uint16_t code, std::string_view reason = {}) {
  return raw_frame(0x88, close_payload(code, reason));
}
/// @}

}  // namespace katydid
