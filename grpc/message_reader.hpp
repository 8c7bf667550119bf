#pragma once

#include "grpc/status.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace katydid {

/// What is put before each message: whether it is compressed, and its length.
inline constexpr std::size_t grpc_prefix_size = 5;
/// Appends a message as it is sent.
void append_grpc_message(std::string& out, std::string_view message, bool compressed);

/// Takes the messages of an answer out of its body, in whatever pieces it comes. Bounded and strict: what failed stays
/// failed.
class GrpcMessageReader {
 public:
  enum class Encoding : std::uint8_t { identity, gzip };
  enum class Progress : std::uint8_t { more, message, failed };

  /// `most`: bytes of a message, as it came and decompressed.
  explicit GrpcMessageReader(std::uint64_t most) : most_(most) {}

  void set_encoding(Encoding encoding) { encoding_ = encoding; }
  /// Takes from the front of `bytes`, up to the end of a message. `more`: all was taken.
  Progress feed(std::string_view& bytes);
  /// After Progress::message, until the next feed() and as long as what was fed stays.
  std::string_view message() const { return message_; }
  /// Whether an answer may end here.
  bool at_boundary() const { return !failed() && prefix_.empty() && !in_message_; }
  bool failed() const { return !failure_.ok(); }
  const GrpcStatus& failure() const { return failure_; }

 private:
  Progress read_prefix();
  Progress finish(std::string_view whole);
  Progress fail(GrpcCode code, std::string message);
  std::string too_large(std::uint64_t size) const;

  std::uint64_t most_, size_ = 0;
  Encoding encoding_ = Encoding::identity;
  bool in_message_ = false, compressed_ = false;
  std::string prefix_, partial_, decompressed_;
  std::string_view message_;
  GrpcStatus failure_;
};

}  // namespace katydid
