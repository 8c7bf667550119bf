#include "websocket/deflate.hpp"

#include "http/header_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <new>
#include <set>

namespace katydid {
namespace {

/// What the sender takes away from the end of each message, and the receiver adds (RFC 7692, 7.2).
constexpr std::string_view tail("\x00\x00\xff\xff", 4);

/// Of a window's size; nothing where it is none. It may be quoted (RFC 7692, 5).
std::optional<int> window_bits(std::string_view value) {
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
  int bits = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), bits);
  if (value.empty() || value.front() == '0' || error != std::errc() || end != value.data() + value.size()) return {};
  if (bits < 8 || bits > 15) return {};
  return bits;
}

Bytef* bytes_of(std::string_view text) { return reinterpret_cast<Bytef*>(const_cast<char*>(text.data())); }

}  // namespace

std::optional<DeflateParameters> agreed_deflate(std::string_view extension, std::string& why) {
  DeflateParameters agreed;
  std::set<std::string_view> seen;
  auto end = extension.find(';');
  if (trimmed(extension.substr(0, end)) != "permessage-deflate") {
    why = "an extension that was not offered";
    return {};
  }
  while (end != extension.npos) {
    extension.remove_prefix(end + 1);
    end = extension.find(';');
    const auto parameter = trimmed(extension.substr(0, end));
    const auto equals = parameter.find('=');
    const auto name = trimmed(parameter.substr(0, equals));
    const bool has_value = equals != parameter.npos;
    const auto value = has_value ? trimmed(parameter.substr(equals + 1)) : std::string_view();
    why = "permessage-deflate with " + std::string(parameter);
    if (!seen.insert(name).second) return why += " a second time", std::nullopt;
    if (name == "server_no_context_takeover" && !has_value) {
      agreed.server_no_context_takeover = true;
    } else if (name == "client_no_context_takeover" && !has_value) {
      agreed.client_no_context_takeover = true;
    } else if (name == "server_max_window_bits" && window_bits(value)) {
      agreed.server_max_window_bits = *window_bits(value);
    } else if (name == "client_max_window_bits" && window_bits(value)) {
      agreed.client_max_window_bits = *window_bits(value);
    } else {
      return std::nullopt;
    }
  }
  why.clear();
  return agreed;
}

MessageDeflater::MessageDeflater(const DeflateParameters& agreed) : agreed_(agreed) {}

MessageDeflater::~MessageDeflater() {
  if (started_) deflateEnd(&stream_);
}

std::optional<std::string_view> MessageDeflater::deflate(std::string_view message) {
  if (agreed_.client_max_window_bits < 9 || message.size() > std::numeric_limits<uInt>::max()) return std::nullopt;
  if (message.empty()) return std::string_view("\0", 1);  // RFC 7692, 7.2.3.6: to flush nothing is an error to zlib
  if (!started_) {
    const int made = deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -agreed_.client_max_window_bits, 8,
                                  Z_DEFAULT_STRATEGY);
    if (made != Z_OK) throw std::bad_alloc();
    started_ = true;
  }
  out_.resize(deflateBound(&stream_, message.size()) + 16);
  stream_.next_in = bytes_of(message);
  stream_.avail_in = static_cast<uInt>(message.size());
  std::size_t size = 0;
  while (true) {
    stream_.next_out = reinterpret_cast<Bytef*>(out_.data() + size);
    stream_.avail_out = static_cast<uInt>(out_.size() - size);
    ::deflate(&stream_, Z_SYNC_FLUSH);
    size = out_.size() - stream_.avail_out;
    if (stream_.avail_out > 0) break;
    out_.resize(out_.size() * 2);
  }
  if (agreed_.client_no_context_takeover) deflateReset(&stream_);
  return std::string_view(out_).substr(0, size - tail.size());
}

MessageInflater::MessageInflater(const DeflateParameters& agreed) : agreed_(agreed) {
  if (inflateInit2(&stream_, -agreed.server_max_window_bits) != Z_OK) throw std::bad_alloc();
}

MessageInflater::~MessageInflater() { inflateEnd(&stream_); }

MessageInflater::Result MessageInflater::inflate(std::string_view piece, std::string& message, std::uint64_t most) {
  std::array<char, 16 * 1024> out;
  bool more_to_come = false;
  while (!piece.empty() || more_to_come) {
    const auto offered = std::min<std::size_t>(piece.size(), std::numeric_limits<uInt>::max());
    stream_.next_in = bytes_of(piece);
    stream_.avail_in = static_cast<uInt>(offered);
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = out.size();
    const int result = ::inflate(&stream_, Z_SYNC_FLUSH);
    piece.remove_prefix(offered - stream_.avail_in);
    const std::size_t made = out.size() - stream_.avail_out;
    const auto room = most - message.size();
    message.append(out.data(), static_cast<std::size_t>(std::min<std::uint64_t>(made, room)));
    if (made > room) return Result::too_big;
    more_to_come = stream_.avail_out == 0;
    if (result == Z_STREAM_END) {  // a block that says it is the last one (RFC 7692, 7.2.3.4)
      inflateReset(&stream_);
    } else if (result == Z_BUF_ERROR) {
      if (made == 0 && !piece.empty()) return Result::broken;
      more_to_come = false;
    } else if (result != Z_OK) {
      return Result::broken;
    }
  }
  return Result::ok;
}

MessageInflater::Result MessageInflater::end(std::string& message, std::uint64_t most) {
  const Result result = inflate(tail, message, most);
  constexpr int after_block = 128, unused_bits = 63;  // as inflate() tells where it is
  if (result == Result::ok && ((stream_.data_type & after_block) == 0 || (stream_.data_type & unused_bits) != 0))
    return Result::broken;
  if (result == Result::ok && agreed_.server_no_context_takeover) inflateReset(&stream_);
  return result;
}

}  // namespace katydid
