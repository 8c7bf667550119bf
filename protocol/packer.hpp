#pragma once
#include "base/utf8.hpp"
#include "base/value.hpp"

#include <msgpack.hpp>

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace katydid::protocol {

/// Appends msgpack to a string in the forms that Python's msgpack chooses. Internal to the codec: it includes msgpack.
class Packer {
 public:
  void nil() { packer_.pack_nil(); }
  void boolean(bool value) { value ? packer_.pack_true() : packer_.pack_false(); }
  void integer(std::int64_t value) { packer_.pack_int64(value); }
  void natural(std::uint64_t value) { packer_.pack_uint64(value); }
  /// msgpack-cxx would send 1.0 as the integer 1, which is another type to a Python listener.
  void real(double value) {
    out_.bytes += '\xcb';
    const auto bits = std::bit_cast<std::uint64_t>(value);
    for (int shift = 56; shift >= 0; shift -= 8) out_.bytes += static_cast<char>(bits >> shift & 0xff);
  }
  /// Never bin, and always valid UTF-8: a text that Python can't decode costs the master its connection.
  void text(std::string_view value) {
    if (valid_utf8_prefix(value) == value.size()) {
      raw_text(value);
    } else {
      raw_text(valid_utf8(value));
    }
  }
  void array(std::size_t size) { packer_.pack_array(static_cast<std::uint32_t>(size)); }
  void map(std::size_t size) { packer_.pack_map(static_cast<std::uint32_t>(size)); }
  void value(const Value& value);

  std::string take() { return std::move(out_.bytes); }

 private:
  struct Output {
    void write(const char* data, std::size_t size) { bytes.append(data, size); }
    std::string bytes;
  };

  void raw_text(std::string_view value) {
    packer_.pack_str(static_cast<std::uint32_t>(value.size()));
    packer_.pack_str_body(value.data(), static_cast<std::uint32_t>(value.size()));
  }

  Output out_;
  msgpack::packer<Output> packer_{out_};
};

}  // namespace katydid::protocol
