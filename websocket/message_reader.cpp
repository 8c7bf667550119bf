#include "websocket/message_reader.hpp"

#include "base/utf8.hpp"

#include <algorithm>
#include <utility>

namespace katydid {
namespace {

constexpr std::size_t largest_kept_buffer = 64 * 1024;

/// How much longer than its content a compressed message may be, as one that can't be made smaller is (RFC
/// 1951, 3.2.4).
std::uint64_t compressed_limit(std::uint64_t most) { return most + most / 64 + 1024; }

}  // namespace

MessageReader::Progress MessageReader::feed(std::string_view& bytes) {
  if (std::exchange(is_over_, false)) {
    if (message_.capacity() > largest_kept_buffer) std::string().swap(message_);
    message_.clear();
  }
  while (true) {
    if (!in_payload_) {
      const Header header = read_header(bytes);
      if (header == Header::part) return Progress::more;
      if (header == Header::bad || !start_frame()) return Progress::failed;
    }
    const auto piece = bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, bytes.size())));
    bytes.remove_prefix(piece.size());
    remaining_ -= piece.size();
    const bool whole = remaining_ == 0;
    if (whole && last_ && !compressed_ && message_.empty() && !is_control(opcode_)) {
      if (is_text() && !check_text(piece)) return Progress::failed;
      payload_ = piece;  // in one piece: it stays where it is
    } else {
      if (!add(piece)) return Progress::failed;
      if (!whole) return Progress::more;
      payload_ = is_control(opcode_) ? control_ : message_;
    }
    in_payload_ = false;
    switch (opcode_) {
      case Opcode::ping:
        return Progress::ping;
      case Opcode::pong:
        return Progress::pong;
      case Opcode::close:
        return end_close() ? Progress::close : Progress::failed;
      default:
        if (!last_) continue;
        return end_message() ? Progress::message : Progress::failed;
    }
  }
}

/// Each byte is judged as it comes: what must not be is not waited for.
MessageReader::Header MessageReader::read_header(std::string_view& bytes) {
  std::size_t needed = 2;
  for (std::size_t i = 0; i < needed; ++i) {
    if (i == header_size_) {
      if (bytes.empty()) return Header::part;
      header_[header_size_++] = static_cast<unsigned char>(bytes.front());
      bytes.remove_prefix(1);
      if (i == 0 && !check_first(header_[0])) return Header::bad;
      if (i == 1 && !check_length(header_[1])) return Header::bad;
    }
    if (i == 1) needed += (header_[1] & 0x7FU) == 126 ? 2 : (header_[1] & 0x7FU) == 127 ? 8 : 0;
  }
  remaining_ = header_[1] & 0x7FU;
  if (needed > 2) remaining_ = 0;
  for (std::size_t i = 2; i < needed; ++i) remaining_ = remaining_ << 8U | header_[i];
  if ((needed == 4 && remaining_ < 126) || (needed == 10 && remaining_ < 0x10000)) {
    fail(close_code::protocol_error, "a frame's length is written longer than it has to be");
    return Header::bad;
  }
  if (remaining_ >> 63U != 0) {
    fail(close_code::protocol_error, "a frame's length has its highest bit set");
    return Header::bad;
  }
  header_size_ = 0;
  return Header::whole;
}

bool MessageReader::check_first(unsigned char first) {
  last_ = (first & 0x80U) != 0;
  opcode_ = static_cast<Opcode>(first & 0x0FU);
  const bool is_data = opcode_ == Opcode::text || opcode_ == Opcode::binary;
  if (!is_data && opcode_ != Opcode::continuation && (!is_control(opcode_) || opcode_ > Opcode::pong))
    return fail(close_code::protocol_error, "a frame has the reserved opcode " + std::to_string(first & 0x0FU));
  const bool marked = (first & 0x40U) != 0;
  if ((first & 0x30U) != 0 || (marked && (!inflater_ || !is_data)))
    return fail(close_code::protocol_error, "a frame has a reserved bit set");
  if (is_control(opcode_) && !last_) return fail(close_code::protocol_error, "a control frame is fragmented");
  if (opcode_ == Opcode::continuation && !in_message_)
    return fail(close_code::protocol_error, "a frame continues a message that was not begun");
  if (is_data && in_message_)
    return fail(close_code::protocol_error, "a message begins before the one before it has ended");
  if (!is_data) return true;
  kind_ = opcode_;
  compressed_ = marked;
  return true;
}

bool MessageReader::check_length(unsigned char second) {
  if ((second & 0x80U) != 0) return fail(close_code::protocol_error, "a frame of the server is masked");
  if (is_control(opcode_) && (second & 0x7FU) > most_control_bytes)
    return fail(close_code::protocol_error, "a control frame is longer than 125 bytes");
  return true;
}

bool MessageReader::start_frame() {
  in_payload_ = true;
  if (is_control(opcode_)) {
    control_.clear();
    return true;
  }
  if (!std::exchange(in_message_, true)) {
    received_ = 0;
    utf8_.start();
  }
  const std::uint64_t most = compressed_ ? compressed_limit(most_) : most_;
  if (received_ > most || remaining_ > most - received_) return fail_by(MessageInflater::Result::too_big);
  received_ += remaining_;
  return true;
}

bool MessageReader::add(std::string_view piece) {
  if (is_control(opcode_)) {
    control_.append(piece);
    return true;
  }
  const std::size_t before = message_.size();
  auto result = MessageInflater::Result::ok;
  if (compressed_) {
    result = inflater_->inflate(piece, message_, most_);
  } else {
    message_.append(piece);
  }
  return check_added(before, result);
}

/// The text before the rest: a piece that holds both is no other than two.
bool MessageReader::check_added(std::size_t before, MessageInflater::Result result) {
  if (is_text() && !check_text(std::string_view(message_).substr(before))) return false;
  return result == MessageInflater::Result::ok || fail_by(result);
}

bool MessageReader::end_message() {
  in_message_ = false;
  is_over_ = true;
  if (compressed_) {
    const std::size_t before = message_.size();
    if (!check_added(before, inflater_->end(message_, most_))) return false;
    payload_ = message_;
  }
  if (is_text() && !utf8_.may_end_here()) return fail(close_code::bad_data, "a text ends within a character (UTF-8)");
  return true;
}

bool MessageReader::end_close() {
  code_ = close_code::none;
  if (payload_.empty()) return true;
  if (payload_.size() == 1) return fail(close_code::protocol_error, "a close frame holds half a code");
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(payload_[i]); };
  const auto code = static_cast<std::uint16_t>(byte(0) << 8U | byte(1));
  if (!may_be_sent(code))
    return fail(close_code::protocol_error,
                "a close frame has the code " + std::to_string(code) + ", which must not be");
  payload_.remove_prefix(2);
  if (valid_utf8_prefix(payload_) != payload_.size())
    return fail(close_code::bad_data, "the reason of a close frame is not UTF-8");
  code_ = code;
  return true;
}

bool MessageReader::check_text(std::string_view piece) {
  return utf8_.feed(piece) || fail(close_code::bad_data, "a text is not UTF-8");
}

bool MessageReader::fail(std::uint16_t code, std::string error) {
  code_ = code;
  error_ = "ProtocolError: " + std::move(error);
  return false;
}

bool MessageReader::fail_by(MessageInflater::Result result) {
  if (result == MessageInflater::Result::broken)
    return fail(close_code::bad_data, "a compressed message can't be decompressed");
  code_ = close_code::too_big;
  error_ = "MessageTooBig: a message is longer than " + std::to_string(most_) + " bytes (max_message)";
  return false;
}

}  // namespace katydid
