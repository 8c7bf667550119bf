#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

class Codec;
class Inflater;

/// The Accept-Encoding of both clients: what Locust sends where Python has no further packages, so that a target has
/// the same work. Someone who sets the header to "br" gets it decoded as well.
inline constexpr char accepted_encodings[] = "gzip, deflate";

/// Takes a body out of its Content-Encodings, piece by piece: gzip, x-gzip, deflate, identity, and br where its library
/// is there. With any other among them the body stays as it came, as in browsers: servers name character sets, `none`
/// and `aws-chunked` there. One decoder does one answer after another and keeps its memory.
class ContentDecoder {
 public:
  ContentDecoder();
  ~ContentDecoder();
  ContentDecoder(const ContentDecoder&) = delete;
  ContentDecoder& operator=(const ContentDecoder&) = delete;

  /// For the next body, with the value of its Content-Encoding. Too many of them are an error of feed(), for an answer
  /// without a body may name any.
  void start(std::string_view content_encoding);
  /// The header came a second time: what it names was applied after what the first named.
  void add(std::string_view content_encoding);
  /// The same with all headers of an answer, and their lines ended by CRLF.
  void start_for(std::string_view header_block);
  /// One of them that nobody knows, for which the body is not decoded; "" when there is none.
  const std::string& unknown() const { return unknown_; }

  /// Appends to `out`; false with an error(), also when it would grow beyond `max_body` bytes.
  bool feed(std::string_view bytes, std::string& out, std::uint64_t max_body);
  /// There are no more bytes. False when some are missing. No byte at all is an empty body.
  bool finish();
  /// A whole body, in its place. False with an error().
  bool decode(std::string& body, std::uint64_t max_body);

  /// Why it failed: "ContentDecodingError: …", "BodyTooLarge: …".
  const std::string& error() const { return error_; }

 private:
  struct Stage {
    Codec* codec;
    std::uint64_t made = 0;
  };

  void push(std::string_view encoding);
  bool run(std::size_t stages, std::string_view bytes, std::string& out, std::uint64_t max_body);
  bool fail(std::string error);
  bool fail_too_large(std::uint64_t max_body);

  std::vector<Stage> stages_;  // as applied by the server: the last is undone first
  std::vector<std::unique_ptr<Inflater>> inflaters_;
  std::size_t inflaters_used_ = 0;
  std::vector<std::unique_ptr<Codec>> brotlis_;  // of this body
  std::string refusal_;                          // why this body can't be decoded
  std::string unknown_;
  std::string error_;
};

}  // namespace katydid
