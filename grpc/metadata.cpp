#include "grpc/metadata.hpp"

#include "base/base64.hpp"
#include "base/version.hpp"
#include "http/ascii.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace katydid {
namespace {

constexpr bool is_key(char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_' || c == '-' || c == '.'; }
constexpr bool is_value(char c) { return c >= 0x20 && c <= 0x7e; }

constexpr int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (is_digit(c)) return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool is_binary(std::string_view key) { return key.ends_with("-bin"); }

/// What the protocol itself uses.
bool is_reserved(std::string_view key) {
  constexpr std::array<std::string_view, 3> names{"te", "content-type", "user-agent"};
  return key.starts_with("grpc-") || std::ranges::find(names, key) != names.end();
}

}  // namespace

std::string_view value_in(const GrpcMetadata& metadata, std::string_view key) {
  const auto found = std::ranges::find(metadata, key, &GrpcMetadata::value_type::first);
  return found == metadata.end() ? std::string_view() : std::string_view(found->second);
}

std::string append_metadata(std::string& lines, std::string_view key, std::string_view value) {
  if (key.empty() || !std::ranges::all_of(key, is_key))
    return "a key of metadata has lower-case letters, digits, '-', '_' and '.' only: '" + std::string(key) + "'";
  if (is_reserved(key)) return "the metadata '" + std::string(key) + "' is gRPC's own";
  if (is_binary(key)) {
    std::string encoded = base64(value);
    while (encoded.ends_with('=')) encoded.pop_back();
    lines.append(key).append(": ").append(encoded).append("\r\n");
    return {};
  }
  if (!std::ranges::all_of(value, is_value))
    return "the metadata '" + std::string(key) + "' has a value that is not printable ASCII; bytes need a key in -bin";
  lines.append(key).append(": ").append(value).append("\r\n");
  return {};
}

bool add_field(GrpcMetadata& metadata, std::string_view key, std::string_view value) {
  if (!is_binary(key)) {
    metadata.emplace_back(key, value);
    return true;
  }
  while (true) {
    const auto comma = std::min(value.find(','), value.size());
    auto bytes = decoded_base64(trimmed(value.substr(0, comma)));
    if (!bytes) return false;
    metadata.emplace_back(key, std::move(*bytes));
    if (comma == value.size()) return true;
    value.remove_prefix(comma + 1);
  }
}

std::optional<std::string> decoded_base64(std::string_view text) {
  if (text.size() % 4 == 0) {
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  }
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const int value = base64_value(c);
    if (value < 0) return std::nullopt;
    bits = bits << 6U | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xffU);
  }
  return out;
}

std::string grpc_user_agent() { return std::string("grpc-katydid/").append(version); }

std::string grpc_timeout(std::chrono::milliseconds limit) {
  constexpr std::int64_t most = 99'999'999;
  const std::int64_t count = std::max<std::int64_t>(limit.count(), 1);
  if (count <= most) return std::to_string(count) + "m";
  const std::int64_t seconds = (count + 999) / 1000;
  if (seconds <= most) return std::to_string(seconds) + "S";
  return std::to_string(std::min((seconds + 3599) / 3600, most)) + "H";
}

}  // namespace katydid
