#pragma once

#include "http/content/codec.hpp"

#include <zlib.h>

#include <cstdint>

namespace katydid {

/// gzip and deflate. Some 40 KB of state that are allocated once and used again with the next start().
class Inflater final : public Codec {
 public:
  enum class Format {
    gzip,     // several members are one after another are one body; what follows them is passed over, as browsers do
    deflate,  // with the wrapper of zlib, as the standard has it, or without, as some servers do
  };

  Inflater();
  ~Inflater() override;
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  void start(Format format);

  Step step(std::string_view& in, std::span<char> out, std::size_t& written) override;
  bool may_end_here() const override;
  std::string error() const override;
  const char* name() const override { return format_ == Format::gzip ? "gzip" : "deflate"; }

 private:
  enum class State { nothing, first_byte, inside, after_member, maybe_member, over };

  Step begin(std::string_view& in);
  Step inflate_some(std::string_view& in, std::span<char> out, std::size_t& written);
  bool replay(unsigned char byte);
  void reset(int window_bits);

  z_stream stream_{};
  Format format_ = Format::gzip;
  State state_ = State::nothing;
  unsigned char held_ = 0;  // the byte before the one that decides
  int result_ = Z_OK;
};

}  // namespace katydid
