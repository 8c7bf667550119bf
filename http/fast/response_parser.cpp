#include "http/fast/response_parser.hpp"

#include "http/ascii.hpp"
#include "http/error_text.hpp"
#include "http/header_text.hpp"
#include "http/large_bodies.hpp"
#include "http/reason_phrase.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

namespace katydid {
namespace {

constexpr std::size_t largest_head = 1 << 20;
constexpr std::size_t longest_chunk_line = 4 * 1024;
constexpr std::size_t longest_shown = 60;

/// What of a line can be shown in a table.
std::string shown(std::string_view line) {
  std::string text(line.substr(0, longest_shown));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) c = '?';
  }
  if (line.size() > longest_shown) text += "...";
  return text;
}

/// Up to 18 digits, which fit.
std::optional<std::uint64_t> parse_length(std::string_view text) {
  if (text.empty() || text.size() > 18 || !std::ranges::all_of(text, is_digit)) return {};
  std::uint64_t length = 0;
  for (const char c : text) length = length * 10 + static_cast<std::uint64_t>(c - '0');
  return length;
}

/// Calls `visit` with each element of a comma-separated list until it returns false.
template <class Visit>
bool visit_list(std::string_view list, Visit&& visit) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    const auto element = trimmed(list.substr(0, comma));
    list.remove_prefix(comma == list.npos ? list.size() : comma + 1);
    if (!element.empty() && !visit(element)) return false;
  }
  return true;
}

}  // namespace

void ResponseParser::start(Rules rules, std::uint64_t max_body) {
  start_head();
  rules_ = rules;
  max_body_ = max_body;
  told_to_continue_ = is_framed_ = false;
  error_.clear();
}

void ResponseParser::start_head() {
  state_ = State::status_line;
  position_ = fields_start_ = trailer_bytes_ = 0;
  remaining_ = content_length_ = discarded_ = 0;
  line_.clear();
  reason_.clear();
  keeps_alive_ = true;
  said_close_ = until_close_ = has_length_ = is_chunked_ = has_location_ = has_cookies_ = has_encoding_ =
      framing_line_ = is_untidy_ = false;
}

bool ResponseParser::fail(std::string error) {
  error_ = std::move(error);
  keeps_alive_ = false;
  return false;
}

bool ResponseParser::fail_at(std::string_view what, std::string_view line) {
  return fail("ProtocolError: " + std::string(what) + ": '" + shown(line) + "'");
}

ResponseParser::Progress ResponseParser::feed(std::string_view& bytes, Response::Content& out) {
  while (state_ == State::status_line || state_ == State::headers) {
    if (bytes.empty()) return Progress::more;
    if (const Progress progress = read_head(bytes, out); progress != Progress::done) return progress;
  }
  return feed_body(bytes, out.body);
}

ResponseParser::Progress ResponseParser::feed_body(std::string_view& bytes, std::string& body) {
  while (state_ != State::done) {
    if (bytes.empty()) return Progress::more;
    if (!read_body(bytes, body)) return Progress::failed;
  }
  return Progress::done;
}

/// `done` is the end of a head, which may be that of a provisional answer.
ResponseParser::Progress ResponseParser::read_head(std::string_view& bytes, Response::Content& out) {
  // A head usually comes in one piece, and is looked at where the kernel put it. One in pieces is collected first.
  std::string& block = out.header_block;
  const std::size_t collected = block.size();
  if (collected > 0) block.append(bytes);
  const std::string_view head = collected > 0 ? std::string_view(block) : bytes;
  while (true) {
    const void* const found = std::memchr(head.data() + position_, '\n', head.size() - position_);
    const auto end = found ? static_cast<std::size_t>(static_cast<const char*>(found) - head.data()) : head.size();
    if (end > largest_head) return fail(headers_too_large), Progress::failed;
    if (!found) break;
    const std::size_t start = position_;
    const bool has_return = end > start && head[end - 1] == '\r';
    const auto line = head.substr(start, end - start - (has_return ? 1 : 0));
    if (!has_return) {  // a bare line feed (RFC 9112, 2.2)
      is_untidy_ = true;
      if (rules_.strict) return fail_at("a line of the head does not end in CRLF", line), Progress::failed;
    }
    position_ = static_cast<std::uint32_t>(end + 1);
    if (state_ == State::status_line) {
      if (!read_status_line(line, out)) return Progress::failed;
      state_ = State::headers;
      fields_start_ = position_;
    } else if (line.empty()) {
      const std::size_t used = position_ - collected;
      if (!end_of_head(out)) return Progress::failed;
      if (state_ == State::status_line) {  // it was provisional
        bytes.remove_prefix(used);
        block.clear();
        start_head();
        return Progress::done;
      }
      if (collected > 0) {
        block.resize(start);
        block.erase(0, fields_start_);
      } else {
        block.assign(head.substr(fields_start_, start - fields_start_));
      }
      if (is_untidy_) tidy_lines(block);
      bytes.remove_prefix(used);
      return Progress::done;
    } else if (!read_field(line, start == fields_start_)) {
      return Progress::failed;
    }
  }
  if (collected == 0) block.assign(bytes);
  // So that garbage without a line end is found out before it fills the memory.
  if (state_ == State::status_line && !std::string_view("HTTP/").starts_with(std::string_view(block).substr(0, 5))) {
    fail_at("the answer is not HTTP/1", block);
    return Progress::failed;
  }
  bytes = {};
  return Progress::more;
}

bool ResponseParser::read_status_line(std::string_view line, Response::Content& out) {
  // "HTTP/1.1 200 OK"; many servers leave out the phrase, and some the space before it.
  if (line.size() < 12 || !line.starts_with("HTTP/1.") || (line[7] != '0' && line[7] != '1') || line[8] != ' ') {
    return fail_at("the answer is not HTTP/1", line);
  }
  const auto digits = line.substr(9, 3);
  const auto phrase = line.substr(12);
  if (!std::ranges::all_of(digits, is_digit) || digits[0] == '0' || (!phrase.empty() && phrase[0] != ' ') ||
      has_control(phrase)) {
    return fail_at("the status line makes no sense", line);
  }
  minor_version_ = line[7] - '0';
  keeps_alive_ = minor_version_ == 1;
  out.status = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
  out.has_reason = phrase.size() > 1;
  if (!phrase.empty() && (out.status >= 400 || phrase.substr(1) != reason_phrase(out.status)))
    reason_.assign(phrase.substr(1));
  return true;
}

bool ResponseParser::read_field(std::string_view line, bool is_first) {
  if (line.front() == ' ' || line.front() == '\t') {
    // RFC 9112, 5.2: a client puts the value together. Where the body ends must not hang on that.
    if (framing_line_ || is_first || rules_.strict || has_control(line)) {
      return fail_at("a header goes on in a line where it must not", line);
    }
    is_untidy_ = true;
    return true;
  }
  const auto length = token_length(line);
  if (length == 0 || length == line.size() || line[length] != ':') {
    return fail_at("a header's name makes no sense", line);
  }
  const auto value = line.substr(length + 1);
  if (has_control(value)) return fail_at("a header's value holds a control character", line);
  framing_line_ = false;
  return read_known_field(line.substr(0, length), value);
}

bool ResponseParser::read_known_field(std::string_view name, std::string_view value) {
  switch (name.size()) {
    case 8:
      if (same_name(name, "location")) has_location_ = true;
      return true;
    case 10:
      if (same_name(name, "set-cookie")) has_cookies_ = true;
      if (same_name(name, "connection")) read_connection(value);
      return true;
    case 14:
      return !same_name(name, "content-length") || read_content_length(trimmed(value));
    case 16:
      if (same_name(name, "content-encoding")) has_encoding_ = true;
      return true;
    case 17:
      return !same_name(name, "transfer-encoding") || read_transfer_encoding(value);
    default:
      return true;
  }
}

bool ResponseParser::read_content_length(std::string_view list) {
  framing_line_ = true;
  // Equal lengths said twice are one (RFC 9112, 6.3); an empty one is none.
  for (auto rest = list;;) {
    const auto comma = rest.find(',');
    const auto length = parse_length(trimmed(rest.substr(0, comma)));
    if (!length || (has_length_ && (rules_.strict || *length != content_length_))) {
      return fail_at("the Content-Length makes no sense", list);
    }
    has_length_ = true;
    content_length_ = *length;
    if (comma == rest.npos) return true;
    rest.remove_prefix(comma + 1);
  }
}

bool ResponseParser::read_transfer_encoding(std::string_view list) {
  framing_line_ = true;
  // Only "chunked" may come unasked (RFC 9110, 10.1.4), and only once.
  const bool known = visit_list(list, [&](std::string_view coding) {
    if (is_chunked_ || !same_name(coding, "chunked")) return false;
    return is_chunked_ = true;
  });
  return (known && is_chunked_) || fail_at("the Transfer-Encoding is not known", trimmed(list));
}

void ResponseParser::read_connection(std::string_view list) {
  framing_line_ = true;
  // A "close" anywhere is final (RFC 9112, 9.3).
  visit_list(list, [&](std::string_view option) {
    if (same_name(option, "close")) said_close_ = true;
    if (same_name(option, "keep-alive")) keeps_alive_ = true;
    return true;
  });
  if (said_close_) keeps_alive_ = false;
}

bool ResponseParser::end_of_head(const Response::Content& out) {
  const int status = out.status;
  if (status == 101 && rules_.switches) {
    if (has_length_ || is_chunked_) return fail("ProtocolError: a switch of protocols with a body");
    state_ = State::done;
    return true;
  }
  if (status < 200) {
    if (status == 101) return fail("ProtocolError: the server switches protocols without being asked to");
    if (has_length_ || is_chunked_) return fail("ProtocolError: a provisional answer with a body");
    told_to_continue_ = told_to_continue_ || status == 100;
    state_ = State::status_line;
    return true;
  }
  if (is_chunked_ && has_length_) return fail("ProtocolError: both a Transfer-Encoding and a Content-Length");
  // In HTTP/1.0 nobody knows whether a hop on the way understood it (RFC 9112, 6.1).
  if (is_chunked_ && minor_version_ == 0) keeps_alive_ = false;
  if (rules_.to_head || status == 204 || status == 304) {
    state_ = State::done;
  } else if (is_chunked_) {
    state_ = State::chunk_size;
  } else if (has_length_) {
    if (content_length_ > max_body_ && is_limited()) {
      return fail(body_too_large(max_body_));
    }
    remaining_ = content_length_;
    state_ = remaining_ > 0 ? State::body : State::done;
  } else {
    until_close_ = true;
    state_ = State::body_to_close;
  }
  return true;
}

bool ResponseParser::take_field(std::string_view name, std::string_view value, Response::Content& out) {
  is_framed_ = true;
  const std::size_t size = name.size() + value.size() + 4;
  if (has_head()) {
    trailer_bytes_ += static_cast<std::uint32_t>(std::min(size, largest_head));
    return trailer_bytes_ <= largest_head || fail(headers_too_large);
  }
  if (state_ == State::status_line) {
    if (name != ":status" || value.size() != 3 || !std::ranges::all_of(value, is_digit) || value[0] == '0') {
      return fail_at("the status makes no sense", value);
    }
    out.status = (value[0] - '0') * 100 + (value[1] - '0') * 10 + (value[2] - '0');
    state_ = State::headers;
    return true;
  }
  std::string& block = out.header_block;
  if (block.size() + size > largest_head) return fail(headers_too_large);
  block.append(name).append(": ").append(value).append("\r\n");
  return read_known_field(name, value);
}

bool ResponseParser::end_of_fields(Response::Content& out) {
  if (has_head()) return true;
  if (state_ == State::status_line) return fail_at("the status makes no sense", {});
  if (out.status < 200) {
    told_to_continue_ = told_to_continue_ || out.status == 100;
    out.header_block.clear();
    start_head();
    return true;
  }
  state_ = State::body_to_close;
  if (rules_.to_head || out.status == 204 || out.status == 304) return true;  // the length is that of another answer
  if (has_length_ && content_length_ > max_body_ && is_limited()) return fail(body_too_large(max_body_));
  if (has_length_ && is_limited()) reserve_body(out.body, content_length_);
  return true;
}

ResponseParser::Progress ResponseParser::end_of_frames() {
  if (!has_head()) return fail(incomplete_head), Progress::failed;
  state_ = State::done;
  return Progress::done;
}

bool ResponseParser::append_body(std::string_view& bytes, std::uint64_t size, std::string& out) {
  const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), size));
  if (is_limited() && taken > max_body_ - out.size()) {
    return fail(body_too_large(max_body_));
  }
  if (out.empty() && size > taken && state_ == State::body && is_limited()) {
    reserve_body(out, size);
  }
  if (rules_.discards) {
    discarded_ += taken;
  } else {
    out.append(bytes.data(), taken);
  }
  bytes.remove_prefix(taken);
  remaining_ -= taken;
  return true;
}

bool ResponseParser::read_body(std::string_view& bytes, std::string& out) {
  switch (state_) {
    case State::body:
      if (!append_body(bytes, remaining_, out)) return false;
      if (remaining_ == 0) state_ = State::done;
      return true;
    case State::body_to_close:
      remaining_ = bytes.size();
      return append_body(bytes, remaining_, out);
    case State::chunk_data:
      if (!append_body(bytes, remaining_, out)) return false;
      if (remaining_ == 0) state_ = State::chunk_end;
      return true;
    default:
      return read_line_of_chunks(bytes);
  }
}

std::size_t ResponseParser::take(Source& source, std::size_t most, std::string& body) {
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(most, left_of_body()));
  const auto taken = append_read(body, wanted, source);
  remaining_ -= taken;
  return taken;
}

/// A chunk's size, the line end after its data, or a line of the trailers.
bool ResponseParser::read_line_of_chunks(std::string_view& bytes) {
  const auto end = bytes.find('\n');
  const auto piece = bytes.substr(0, end);
  if (line_.size() + piece.size() > longest_chunk_line) return fail("ProtocolError: a line of the chunks is too long");
  if (end == bytes.npos) {
    line_.append(piece);
    bytes = {};
    if (state_ == State::chunk_end && line_ != "\r") return fail_at("a chunk is longer than its size", line_);
    return true;
  }
  bytes.remove_prefix(end + 1);
  std::string_view line = piece;
  if (!line_.empty()) line = line_.append(piece);
  if (state_ == State::chunk_end && !line.empty() && line != "\r")
    return fail_at("a chunk is longer than its size", line);
  if (line.empty() || line.back() != '\r') return fail_at("a line of the chunks does not end in CRLF", line);
  line.remove_suffix(1);
  bool fine = true;
  if (state_ == State::chunk_size) {
    fine = read_chunk_size(line);
  } else if (state_ == State::chunk_end) {
    state_ = State::chunk_size;
  } else if (line.empty()) {
    state_ = State::done;
  } else {
    trailer_bytes_ += static_cast<std::uint32_t>(line.size() + 2);
    const auto name = token_length(line);
    if (trailer_bytes_ > largest_head) return fail(headers_too_large);
    fine = (name > 0 && name < line.size() && line[name] == ':' && !has_control(line)) ||
           fail_at("a trailer makes no sense", line);
  }
  line_.clear();
  return fine;
}

bool ResponseParser::read_chunk_size(std::string_view line) {
  std::uint64_t size = 0;
  std::size_t digits = 0;
  for (; digits < line.size() && hex_value(line[digits]) >= 0; ++digits) {
    if (digits == 15) return fail_at("a chunk's size is too large", line);
    size = size * 16 + static_cast<std::uint64_t>(hex_value(line[digits]));
  }
  // Extensions are passed over (RFC 9112, 7.1.1), with the blanks that may stand before them.
  const auto rest = trimmed(line.substr(digits));
  if (digits == 0 || (!rest.empty() && rest.front() != ';') || has_control(rest)) {
    return fail_at("a chunk's size makes no sense", line);
  }
  remaining_ = size;
  state_ = size > 0 ? State::chunk_data : State::trailers;
  return true;
}

ResponseParser::Progress ResponseParser::end_of_stream() {
  if (state_ == State::body_to_close && !is_framed_) {
    state_ = State::done;
    return Progress::done;
  }
  const bool in_head = state_ == State::status_line || state_ == State::headers;
  fail(in_head ? incomplete_head : incomplete_body);
  return Progress::failed;
}

}  // namespace katydid
