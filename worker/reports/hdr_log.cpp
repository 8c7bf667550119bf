#include "worker/reports/hdr_log.hpp"

#include "base/base64.hpp"
#include "worker/reports/python_text.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <map>
#include <new>
#include <string_view>
#include <utility>

namespace katydid::reports {
namespace {

constexpr std::uint64_t day = 86'400'000'000;  // microseconds
constexpr unsigned digits = 3;
// What three digits come to: buckets of 2,048 values, of which each but the first has the upper half.
constexpr unsigned half_bits = 10;
constexpr std::uint64_t first_bucket_mask = (std::uint64_t{2} << half_bits) - 1;

/// HdrHistogram's countsArrayIndex().
std::uint64_t index_of(std::uint64_t value) {
  const auto bucket = static_cast<unsigned>(std::bit_width(value | first_bucket_mask)) - (half_bits + 1);
  const std::uint64_t within = value >> bucket;
  return (std::uint64_t{bucket + 1} << half_bits) + within - (std::uint64_t{1} << half_bits);
}

void add_big_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xFF);
}

/// ZigZag and LEB128, of which the ninth byte has eight bits.
void add_number(std::string& out, std::int64_t number) {
  auto rest = (static_cast<std::uint64_t>(number) << 1) ^ static_cast<std::uint64_t>(number >> 63);
  for (int byte = 0; byte < 8 && rest > 0x7F; ++byte) {
    out += static_cast<char>((rest & 0x7F) | 0x80);
    rest >>= 7;
  }
  out += static_cast<char>(rest);
}

/// Counts in the order of their index; zeros that follow each other are one negative number.
std::string counts_of(const Histogram& times) {
  std::map<std::uint64_t, std::uint64_t> counts;
  times.for_each([&](std::chrono::microseconds key, std::uint64_t count) {
    counts[index_of(std::min(static_cast<std::uint64_t>(key.count()), day))] += count;
  });
  std::string out;
  std::uint64_t next = 0;
  for (const auto& [index, count] : counts) {
    if (index > next) add_number(out, -static_cast<std::int64_t>(index - next));
    add_number(out, static_cast<std::int64_t>(count));
    next = index + 1;
  }
  return out;
}

std::string compressed(std::string_view bytes) {
  uLongf size = ::compressBound(bytes.size());
  std::string out(size, '\0');
  const auto* const in = reinterpret_cast<const Bytef*>(bytes.data());
  if (::compress(reinterpret_cast<Bytef*>(out.data()), &size, in, bytes.size()) != Z_OK) throw std::bad_alloc();
  out.resize(size);
  return out;
}

std::string three_decimals(double number) {
  std::array<char, 64> buffer;
  const int length = std::snprintf(buffer.data(), buffer.size(), "%.3f", number);
  return {buffer.data(), static_cast<std::size_t>(length)};
}

}  // namespace

std::string hdr_encoded(const Histogram& times) {
  const std::string counts = counts_of(times);
  std::string histogram;
  add_big_endian(histogram, 0x1c849313, 4);  // V2
  add_big_endian(histogram, counts.size(), 4);
  add_big_endian(histogram, 0, 4);  // offset of the index
  add_big_endian(histogram, digits, 4);
  add_big_endian(histogram, 1, 8);  // lowest value that can be told apart
  add_big_endian(histogram, day, 8);
  add_big_endian(histogram, std::bit_cast<std::uint64_t>(1.0), 8);
  histogram += counts;
  const std::string packed = compressed(histogram);
  std::string out;
  add_big_endian(out, 0x1c849314, 4);  // V2, compressed
  add_big_endian(out, packed.size(), 4);
  return base64(out + packed);
}

std::string hdr_tag(std::string_view name) {
  std::string tag;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && c != ',' && c != '%' && byte != 0x7F) {
      tag += c;
      continue;
    }
    tag += '%';
    for (const int shift : {4, 0}) tag += "0123456789ABCDEF"[byte >> shift & 15];
  }
  return tag;
}

HdrLog::HdrLog(const std::string& path, Names names)
    : file_("argument --hdr-log", path, ReportFile::Begin::empty), names_(names) {}

void HdrLog::begin(WallTime start) {
  start_ = end_ = start;
  file_.rewrite(
      "#[Response times of a test with Katydid, in microseconds]\n#[Histogram log format version 1.3]\n#[StartTime: " +
      three_decimals(python_time(start)) + " (seconds since epoch), " + utc_text(start) +
      "]\n\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n");
}

void HdrLog::add(const StatisticsDelta& delta) {
  for (const StatisticsDelta::Entry& entry : delta.entries) {
    if (entry.key->apart) continue;
    counts_.merge(entry.counts);
    if (names_ == Names::told_apart) by_name_[{entry.key->method, entry.key->name}].merge(entry.counts);
  }
}

void HdrLog::look(WallTime now) {
  const WallTime begin = std::exchange(end_, std::max(now, end_));  // a wall clock may be set back
  write("", std::exchange(counts_, {}), begin);
  for (const auto& [name, counts] : std::exchange(by_name_, {}))
    write("Tag=" + hdr_tag(name.first + " " + name.second) + ",", counts, begin);
}

void HdrLog::write(std::string_view tag, const EntryCounts& counts, WallTime begin) {
  const auto seconds = [](auto time) { return three_decimals(std::chrono::duration<double>(time).count()); };
  const auto milliseconds = [](auto time) {
    return three_decimals(std::chrono::duration<double, std::milli>(time).count());
  };
  std::string text = "#[Counts: requests=" + std::to_string(counts.num_requests) +
                     " failures=" + std::to_string(counts.num_failures) +
                     " timed=" + std::to_string(counts.num_requests - counts.num_none_requests) +
                     " milliseconds=" + milliseconds(counts.total_response_time) + "]\n";
  text.append(tag).append(seconds(begin - start_) + "," + seconds(end_ - begin) + ",");
  text += milliseconds(counts.response_times.percentile(1)) + "," + hdr_encoded(counts.response_times) + "\n";
  file_.append(text);
}

}  // namespace katydid::reports
