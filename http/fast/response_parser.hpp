#pragma once

#include "base/append_read.hpp"
#include "http/response.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace katydid {

/// An answer of HTTP/1.0 or 1.1, piece by piece (RFC 9112), and strictly: what two parsers could read in two ways is an
/// error with a text, not a guess. docs/fast-client.md lists what libcurl takes and this does not.
///
/// An answer of HTTP/2 comes in fields, which somebody else has read, and then its body comes by feed() or feed_body().
class ResponseParser {
 public:
  enum class Progress { more, done, failed };

  struct Rules {
    bool to_head = false;    ///< it has no body, whatever its headers say (RFC 9112, 6.3)
    bool strict = false;     ///< see ClientOptions
    bool switches = false;   ///< the request asks for another protocol: 101 is an answer, without a body
    bool discards = false;   ///< the body is counted and not kept, whatever its size
    bool in_pieces = false;  ///< the body is taken away as it comes: its size is limited by whoever takes it
  };
  /// For the next answer.
  void start(Rules rules, std::uint64_t max_body);

  /// Takes from the front of `bytes` what belongs to this answer; status, headers and the body as it was sent, without
  /// its framing, go to `out`. Anything left over after `done` came uninvited.
  Progress feed(std::string_view& bytes, Response::Content& out);
  /// The same once the head is there, with `body` in place of the answer.
  Progress feed_body(std::string_view& bytes, std::string& body);
  /// How much of a body, or of a chunk, is to come; and, with `discards`, that so much of it has come without being
  /// looked at. It is all but the last byte, which shows whether anything stands behind it. @{
  std::uint64_t left_of_body() const {
    return state_ == State::body || state_ == State::chunk_data ? remaining_ - 1 : 0;
  }
  void discard(std::uint64_t bytes) {
    discarded_ += bytes;
    remaining_ -= bytes;
  }
  std::uint64_t discarded() const { return discarded_; }
  /// What left_of_body() says may be read to the end of the body at once; and does so, up to `most` bytes of it. @{
  bool may_take() const { return state_ == State::body && is_limited(); }
  std::size_t take(Source& source, std::size_t most, std::string& body);
  /// @}
  /// @}
  /// Of HTTP/2: the next field of the head, ":status" before all others, or of the trailers; and the end of either.
  /// False: it failed. @{
  bool take_field(std::string_view name, std::string_view value, Response::Content& out);
  bool end_of_fields(Response::Content& out);
  /// @}
  /// Of HTTP/2: the end of the answer.
  Progress end_of_frames();
  /// The connection ended: the end of a body without a length, or an error.
  Progress end_of_stream();

  /// Why it failed: "ProtocolError: …", "BodyTooLarge: …".
  const std::string& error() const { return error_; }
  /// An answer without a byte missing left the connection open for the next one.
  bool keeps_alive() const { return keeps_alive_ && !until_close_; }
  bool has_head() const { return state_ != State::status_line && state_ != State::headers; }
  /// It is one of HTTP/2.
  bool is_framed() const { return is_framed_; }
  /// The server said "100 Continue".
  bool told_to_continue() const { return told_to_continue_; }
  /// The reason phrase of the status line; "" below 400 where it is the usual one.
  const std::string& reason() const { return reason_; }

  /// Headers of the answer that somebody has to look at; without a search for those that are not there. @{
  bool has_location() const { return has_location_; }
  bool has_cookies() const { return has_cookies_; }
  bool has_encoding() const { return has_encoding_; }
  /// @}

 private:
  enum class State {
    status_line,
    headers,
    body,           // remaining_ bytes of it
    body_to_close,  // all that comes
    chunk_size,
    chunk_data,  // remaining_ bytes of it
    chunk_end,   // the line end after it
    trailers,
    done,
  };
  Progress read_head(std::string_view& bytes, Response::Content& out);
  bool read_status_line(std::string_view line, Response::Content& out);
  bool read_field(std::string_view line, bool is_first);
  bool read_known_field(std::string_view name, std::string_view value);
  bool read_content_length(std::string_view value);
  bool read_transfer_encoding(std::string_view value);
  void read_connection(std::string_view value);
  bool end_of_head(const Response::Content& out);
  void start_head();

  bool read_body(std::string_view& bytes, std::string& out);
  bool read_line_of_chunks(std::string_view& bytes);
  bool read_chunk_size(std::string_view line);
  bool append_body(std::string_view& bytes, std::uint64_t size, std::string& out);
  bool is_limited() const { return !rules_.in_pieces && !rules_.discards; }
  bool fail(std::string error);
  bool fail_at(std::string_view what, std::string_view line);

  State state_ = State::status_line;
  std::uint32_t position_ = 0;  // how far the head was looked at, when it comes in pieces
  std::uint32_t fields_start_ = 0;
  std::uint32_t trailer_bytes_ = 0;
  std::uint64_t remaining_ = 0;
  std::uint64_t content_length_ = 0;
  std::uint64_t max_body_ = 0, discarded_ = 0;
  std::string line_;  // the beginning of a line of the chunks' framing
  std::string error_, reason_;
  int minor_version_ = 1;
  Rules rules_;
  bool keeps_alive_ = true, said_close_ = false, until_close_ = false;
  bool has_length_ = false, is_chunked_ = false;
  bool has_location_ = false, has_cookies_ = false, has_encoding_ = false;
  bool framing_line_ = false;  // the last field says where the body ends, or the connection
  bool is_untidy_ = false;     // the head has folded lines, or bare line feeds
  bool told_to_continue_ = false;
  bool is_framed_ = false;
};

}  // namespace katydid
