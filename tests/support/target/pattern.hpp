#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace katydid::target {

/// The bytes of generated bodies: these 64 over and over, so that byte i of any body is known.
inline constexpr std::string_view pattern_period = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-\n";
static_assert(pattern_period.size() == 64);

inline constexpr std::size_t pattern_block_size = 64 * 1024;

/// 64 KiB of it; as that is a whole number of periods, blocks can follow one another.
inline std::string_view pattern_block() {
  static const auto block = [] {
    std::array<char, pattern_block_size> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = pattern_period[i % pattern_period.size()];
    return bytes;
  }();
  return {block.data(), block.size()};
}

/// `size` bytes of the pattern from byte `offset` on; `size` is at most a block less a period.
inline std::string_view pattern_at(std::size_t offset, std::size_t size) {
  return pattern_block().substr(offset % pattern_period.size(), size);
}

}  // namespace katydid::target
