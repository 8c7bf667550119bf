#include "http/content/inflater.hpp"

#include <algorithm>
#include <limits>
#include <new>

namespace katydid {
namespace {

constexpr int raw = -MAX_WBITS, wrapped = MAX_WBITS, gzip_or_wrapped = MAX_WBITS + 32, only_gzip = MAX_WBITS + 16;
constexpr unsigned char magic0 = 0x1f, magic1 = 0x8b;

/// RFC 1950, 2.2: the two bytes make a multiple of 31, and name the one method that there is.
constexpr bool is_zlib_header(unsigned char first, unsigned char second) {
  return (first & 0x0f) == Z_DEFLATED && (first >> 4) <= MAX_WBITS - 8 && (first * 256 + second) % 31 == 0;
}

}  // namespace

Inflater::Inflater() {
  if (inflateInit2(&stream_, gzip_or_wrapped) != Z_OK) throw std::bad_alloc();
}

Inflater::~Inflater() { inflateEnd(&stream_); }

void Inflater::start(Format format) {
  format_ = format;
  state_ = State::nothing;
  result_ = Z_OK;
  reset(gzip_or_wrapped);
}

void Inflater::reset(int window_bits) {
  stream_.next_in = nullptr;
  stream_.avail_in = 0;
  inflateReset2(&stream_, window_bits);  // the window stays, as its size does
}

Codec::Step Inflater::step(std::string_view& in, std::span<char> out, std::size_t& written) {
  written = 0;
  while (state_ != State::inside) {
    if (state_ == State::over) {
      in = {};
      return Step::end;
    }
    if (in.empty()) return Step::more;
    if (begin(in) == Step::failed) return Step::failed;
  }
  return inflate_some(in, out, written);
}

/// Looks at a stream's first two bytes.
Codec::Step Inflater::begin(std::string_view& in) {
  if (state_ == State::nothing && format_ == Format::gzip) {
    state_ = State::inside;
    return Step::more;
  }
  const auto byte = static_cast<unsigned char>(in.front());
  in.remove_prefix(1);
  switch (state_) {
    case State::nothing:
      held_ = byte;
      state_ = State::first_byte;
      return Step::more;
    case State::first_byte:
      reset(is_zlib_header(held_, byte) ? wrapped : raw);
      break;
    case State::after_member:
      held_ = byte;
      state_ = byte == magic0 ? State::maybe_member : State::over;
      return Step::more;
    default:
      if (byte != magic1) {
        state_ = State::over;
        return Step::more;
      }
      reset(only_gzip);
  }
  state_ = State::inside;
  return replay(held_) && replay(byte) ? Step::more : Step::failed;
}

/// Two bytes make no output in any of the formats... but for an empty raw stream, which they can be.
bool Inflater::replay(unsigned char byte) {
  std::string_view one(reinterpret_cast<const char*>(&byte), 1);
  char none = 0;
  std::size_t written = 0;
  return inflate_some(one, std::span(&none, 0), written) != Step::failed;
}

Codec::Step Inflater::inflate_some(std::string_view& in, std::span<char> out, std::size_t& written) {
  constexpr std::size_t most = std::numeric_limits<uInt>::max();
  // zlib takes no null pointer, not even for no bytes.
  static char nowhere;
  // It does not write to its input, whatever its type says.
  stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.empty() ? &nowhere : in.data()));
  stream_.avail_in = static_cast<uInt>(std::min(in.size(), most));
  stream_.next_out = reinterpret_cast<Bytef*>(out.empty() ? &nowhere : out.data());
  stream_.avail_out = static_cast<uInt>(std::min(out.size(), most));
  const auto offered = stream_.avail_in, room = stream_.avail_out;
  result_ = inflate(&stream_, Z_NO_FLUSH);
  in.remove_prefix(offered - stream_.avail_in);
  written = room - stream_.avail_out;
  switch (result_) {
    case Z_STREAM_END:
      state_ = format_ == Format::gzip ? State::after_member : State::over;
      return format_ == Format::gzip ? Step::more : Step::end;
    case Z_OK:
    case Z_BUF_ERROR:  // no input, or no room
      return Step::more;
    default:
      return Step::failed;
  }
}

bool Inflater::may_end_here() const { return state_ != State::first_byte && state_ != State::inside; }

std::string Inflater::error() const {
  if (result_ == Z_NEED_DICT) return "it needs a dictionary";
  if (result_ == Z_MEM_ERROR) return "no memory";
  return stream_.msg ? stream_.msg : "no reason given";
}

}  // namespace katydid
