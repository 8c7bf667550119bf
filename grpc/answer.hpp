#pragma once

#include "grpc/message_reader.hpp"
#include "grpc/metadata.hpp"
#include "grpc/status.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace katydid {

/// What a server answers, but for its messages: head, trailers, and the status that comes of them. Bounded.
class GrpcAnswer {
 public:
  /// A field of the head or of the trailers. False: it can't be taken, and failure() says why.
  bool take_field(std::string_view name, std::string_view value);
  /// The fields of a block are all there.
  bool end_of_fields();
  /// The head is there, which is that of a gRPC answer, and no trailers.
  bool has_head() const { return state_ == State::trailers || (state_ == State::body && !status_text_); }
  GrpcMessageReader::Encoding encoding() const { return encoding_; }
  /// The answer is whole. `complete`: no message was broken off.
  GrpcStatus end(bool complete);
  const GrpcStatus& failure() const { return failure_; }

  GrpcMetadata initial_metadata{}, trailing_metadata{};

 private:
  enum class State : std::uint8_t { head, body, trailers };
  bool fail(GrpcCode code, std::string message);
  bool end_of_head();
  std::string described() const;

  State state_ = State::head;
  int http_status_ = 0;
  std::size_t bytes_ = 0;
  std::string content_type_, encoding_name_;
  GrpcMessageReader::Encoding encoding_ = GrpcMessageReader::Encoding::identity;
  std::optional<std::string> status_text_;
  std::string message_;
  GrpcStatus failure_;
};

}  // namespace katydid
