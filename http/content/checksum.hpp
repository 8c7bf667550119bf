#pragma once

#include "http/content/decoder.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;
struct evp_md_st;

namespace katydid {

/// A checksum of an answer's body, made piece by piece: the body itself need not be kept. It is of what the body is
/// once its Content-Encodings are undone.
class BodyChecksum {
 public:
  /// "crc32" (zlib's), or a digest that OpenSSL knows: "md5", "sha1", "sha256", "sha3-256", "blake2b512" … Null for
  /// another name.
  static std::unique_ptr<BodyChecksum> of(std::string_view name);

  /// Of the next answer.
  void reset() { begun_ = false; }
  /// Its head is there. Nothing when that was said before. An empty `header_block` leaves the body as it comes; else it
  /// is decoded, up to `max_body` bytes.
  void begin(std::string_view header_block, std::uint64_t max_body);
  /// Bytes as they were sent. False with an error(): they can't be decoded.
  bool feed(std::string_view bytes);
  /// There are no more bytes: lower-case hexadecimal digits in `out`. False with an error().
  bool finish(std::string& out);
  const std::string& error() const { return decoder_.error(); }

 private:
  struct Free {
    void operator()(evp_md_ctx_st* state) const noexcept;
    void operator()(evp_md_st* kind) const noexcept;
  };
  BodyChecksum() = default;
  void add(std::string_view bytes);

  std::unique_ptr<evp_md_st, Free> kind_;  // null: crc32
  std::unique_ptr<evp_md_ctx_st, Free> state_;
  std::uint32_t crc_ = 0;
  std::uint64_t max_body_ = 0;
  bool begun_ = false, decodes_ = false;
  ContentDecoder decoder_;
  std::string decoded_;
};

}  // namespace katydid
