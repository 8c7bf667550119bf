#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace katydid {

std::string gzip(std::string_view bytes);

enum class GunzipResult : std::uint8_t { ok, too_large, broken };
/// All of one message, of `most` bytes at the most.
GunzipResult gunzip(std::string_view compressed, std::string& out, std::uint64_t most);

}  // namespace katydid
