#include "base/base64.hpp"
#include "worker/compare/run.hpp"

#include <zlib.h>

#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace katydid::compare {
namespace {

constexpr std::size_t header_bytes = 40, most_bytes = 64 << 20;
constexpr std::uint64_t most_places = 64 << 17;  // of 64 bits with five digits

std::uint64_t big_endian(std::string_view bytes, std::size_t at, std::size_t size) {
  if (bytes.size() < at + size) throw std::runtime_error("a histogram is cut off");
  std::uint64_t value = 0;
  for (const char c : bytes.substr(at, size)) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

std::string inflated(std::string_view bytes) {
  for (std::size_t room = 16 << 10; room <= most_bytes; room *= 4) {
    std::string out(room, '\0');
    uLongf size = out.size();
    const int result = ::uncompress(reinterpret_cast<Bytef*>(out.data()), &size,
                                    reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
    if (result == Z_BUF_ERROR) continue;
    if (result != Z_OK) break;
    out.resize(size);
    return out;
  }
  throw std::runtime_error("a histogram can't be uncompressed");
}

/// What hdr_log.cpp does, backwards: ZigZag and LEB128, of which the ninth byte has eight bits.
std::int64_t number_at(std::string_view bytes, std::size_t& at) {
  std::uint64_t value = 0;
  for (unsigned byte = 0; byte < 9; ++byte) {
    const std::uint64_t next = big_endian(bytes, at++, 1);
    const bool last = byte == 8 || (next & 0x80) == 0;
    value |= (byte == 8 ? next : next & 0x7F) << (7 * byte);
    if (last) break;
  }
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

/// The values that a place of the counts stands for: the middle of them, as HdrHistogram's medianEquivalentValue().
class Places {
 public:
  Places(std::uint64_t digits, std::uint64_t lowest) {
    if (digits < 1 || digits > 5 || lowest == 0) throw std::runtime_error("a histogram has settings that are none");
    const auto largest = static_cast<std::uint64_t>(2 * std::pow(10, digits));
    half_bits_ = static_cast<unsigned>(std::bit_width(largest - 1)) - 1;
    unit_bits_ = static_cast<unsigned>(std::bit_width(lowest)) - 1;
  }
  double value_at(std::uint64_t place) const {
    const std::uint64_t half = std::uint64_t{1} << half_bits_;
    std::uint64_t bucket = place >> half_bits_;
    std::uint64_t within = place & (half - 1);
    if (bucket > 0) {
      --bucket;
      within += half;
    }
    if (bucket + unit_bits_ > 62) throw std::runtime_error("a histogram has counts where there can be none");
    const double width = std::ldexp(1.0, static_cast<int>(bucket + unit_bits_));
    return static_cast<double>(within) * width + std::floor(width / 2);
  }

 private:
  unsigned half_bits_ = 0, unit_bits_ = 0;
};

}  // namespace

Times decoded_histogram(std::string_view text, double unit) {
  const auto bytes = from_base64(text);
  if (!bytes) throw std::runtime_error("a histogram is not in base64");
  if (big_endian(*bytes, 0, 4) != 0x1c849314)
    throw std::runtime_error("a histogram is not in the compressed V2 encoding");
  static_cast<void>(big_endian(*bytes, 4, 4));  // the length of what is compressed
  const std::string all = inflated(std::string_view(*bytes).substr(8));
  if (big_endian(all, 0, 4) != 0x1c849313) throw std::runtime_error("a histogram is not in the V2 encoding");
  const Places places(big_endian(all, 12, 4), big_endian(all, 16, 8));
  const std::uint64_t size = big_endian(all, 4, 4);
  if (all.size() < header_bytes || size > all.size() - header_bytes) throw std::runtime_error("a histogram is cut off");
  const std::string_view counts = std::string_view(all).substr(header_bytes, size);
  Times times;
  std::uint64_t place = 0;
  for (std::size_t at = 0; at < counts.size();) {
    const std::int64_t number = number_at(counts, at);
    if (number < 0) {
      place += 0 - static_cast<std::uint64_t>(number);
    } else {
      if (number > 0) times[places.value_at(place) * unit] += static_cast<std::uint64_t>(number);
      ++place;
    }
    if (place > most_places) throw std::runtime_error("a histogram has counts where there can be none");
  }
  return times;
}

}  // namespace katydid::compare
