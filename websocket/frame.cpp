#include "websocket/frame.hpp"

#include <cstring>
#include <random>

namespace katydid {
namespace {

constexpr unsigned char final_bit = 0x80, compressed_bit = 0x40, mask_bit = 0x80;
constexpr std::size_t most_header_bytes = 14;

std::uint64_t seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32U | device();
}

}  // namespace

bool may_be_sent(std::uint16_t code) {
  if (code >= 3000) return code <= 4999;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
  if (code == close_code::none) return {};
  std::string payload{static_cast<char>(code >> 8U), static_cast<char>(code & 0xFFU)};
  return payload.append(reason);
}

void append_frame(std::string& out, const FrameKind& kind, std::string_view payload, std::uint32_t key) {
  char header[most_header_bytes];
  std::size_t used = 0;
  const auto put = [&](std::uint64_t value, unsigned bytes) {
    for (unsigned i = bytes; i-- > 0;) header[used++] = static_cast<char>(value >> (8 * i));
  };
  put((kind.last ? final_bit : 0U) | (kind.compressed ? compressed_bit : 0U) | static_cast<unsigned>(kind.opcode), 1);
  if (payload.size() <= most_control_bytes) {
    put(mask_bit | payload.size(), 1);
  } else if (payload.size() <= 0xFFFF) {
    put(mask_bit | 126U, 1);
    put(payload.size(), 2);
  } else {
    put(mask_bit | 127U, 1);
    put(payload.size(), 8);
  }
  std::memcpy(header + used, &key, sizeof key);
  used += sizeof key;
  out.append(header, used);
  const std::size_t start = out.size();
  out.append(payload);
  apply_mask(out.data() + start, payload.size(), key);
}

void apply_mask(char* bytes, std::size_t size, std::uint32_t key) {
  const std::uint64_t twice = std::uint64_t{key} << 32U | key;
  std::size_t i = 0;
  for (; i + sizeof twice <= size; i += sizeof twice) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + i, sizeof word);
    word ^= twice;
    std::memcpy(bytes + i, &word, sizeof word);
  }
  char mask[sizeof twice];
  std::memcpy(mask, &twice, sizeof mask);
  for (std::size_t j = 0; i < size; ++i, ++j) bytes[i] = static_cast<char>(bytes[i] ^ mask[j]);
}

/// SplitMix64. The mask protects caches on the way from bytes that the sender chose (RFC 6455, 10.3); here the sender
/// is who runs the test.
std::uint32_t next_masking_key() {
  thread_local std::uint64_t state = seed();
  std::uint64_t mixed = state += 0x9E3779B97F4A7C15U;
  mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
  return static_cast<std::uint32_t>(mixed >> 32U);
}

}  // namespace katydid
