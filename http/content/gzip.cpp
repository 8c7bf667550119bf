#include "http/content/gzip.hpp"

#include "http/content/inflater.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <new>

namespace katydid {

std::string gzip(std::string_view bytes) {
  constexpr int with_gzip_head = 16, usual_memory = 8;
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + with_gzip_head, usual_memory,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // zlib's C does not write to it
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

GunzipResult gunzip(std::string_view compressed, std::string& out, std::uint64_t most) {
  if (compressed.empty()) return GunzipResult::broken;  // which is nothing to an answer of HTTP
  thread_local Inflater inflater;                       // 40 KB, for one message after another
  inflater.start(Inflater::Format::gzip);
  out.clear();
  std::array<char, 16 * 1024> piece;
  while (true) {
    std::size_t written = 0;
    const auto step = inflater.step(compressed, piece, written);
    if (step == Codec::Step::failed) return GunzipResult::broken;
    if (written > most - std::min<std::uint64_t>(out.size(), most)) return GunzipResult::too_large;
    out.append(piece.data(), written);
    if (written == piece.size() || (!compressed.empty() && step == Codec::Step::more)) continue;
    return compressed.empty() && inflater.may_end_here() ? GunzipResult::ok : GunzipResult::broken;
  }
}

}  // namespace katydid
