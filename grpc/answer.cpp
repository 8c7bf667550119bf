#include "grpc/answer.hpp"

#include "base/utf8.hpp"
#include "http/ascii.hpp"
#include "http/url.hpp"

#include <charconv>
#include <utility>

namespace katydid {
namespace {

/// Of head and trailers.
constexpr std::size_t most_bytes = 256 * 1024;
constexpr std::string_view content_type = "application/grpc";

bool is_grpc(std::string_view type) {
  if (!starts_ignoring_case(type, content_type)) return false;
  return type.size() == content_type.size() || type[content_type.size()] == '+' || type[content_type.size()] == ';';
}

/// Nothing that a user could want.
bool is_internal(std::string_view name) {
  return name == "content-type" || (name.starts_with("grpc-") && name != "grpc-status-details-bin");
}

}  // namespace

bool GrpcAnswer::take_field(std::string_view name, std::string_view value) {
  bytes_ += name.size() + value.size();
  if (bytes_ > most_bytes)
    return fail(GrpcCode::resource_exhausted,
                "the metadata of the answer is larger than " + std::to_string(most_bytes) + " bytes");
  if (name == ":status") {
    std::from_chars(value.data(), value.data() + value.size(), http_status_);
    return true;
  }
  if (name == "grpc-status") {
    status_text_ = value;
  } else if (name == "grpc-message") {
    message_ = valid_utf8(percent_decoded(value));
  } else if (name == "content-type" && state_ == State::head) {
    content_type_ = value;
  } else if (name == "grpc-encoding") {
    encoding_name_ = value;
  } else if (is_internal(name)) {
    return true;
  } else if (!add_field(state_ == State::head ? initial_metadata : trailing_metadata, name, value)) {
    return fail(GrpcCode::internal, "the metadata '" + std::string(name) + "' of the answer is no base64");
  }
  return true;
}

bool GrpcAnswer::end_of_fields() {
  if (state_ != State::head) {
    state_ = State::trailers;
    return true;
  }
  if (http_status_ >= 100 && http_status_ < 200) {  // a provisional answer
    initial_metadata.clear();
    status_text_.reset();
    message_.clear();
    content_type_.clear();
    encoding_name_.clear();
    return true;
  }
  return end_of_head();
}

bool GrpcAnswer::end_of_head() {
  state_ = State::body;
  // Who is no server of gRPC, a proxy mostly, says by HTTP's status what is wrong.
  if (!status_text_ && (http_status_ != 200 || !is_grpc(content_type_)))
    return fail(code_of_http_status(http_status_), described());
  if (encoding_name_.empty() || encoding_name_ == "identity") return true;
  if (encoding_name_ != "gzip")
    return fail(GrpcCode::internal,
                "the answer has a grpc-encoding that was not offered: " + valid_utf8(encoding_name_));
  encoding_ = GrpcMessageReader::Encoding::gzip;
  return true;
}

std::string GrpcAnswer::described() const {
  std::string text = "the answer is none of gRPC: HTTP status " + std::to_string(http_status_);
  return text.append(content_type_.empty() ? ", no content-type" : ", content-type " + valid_utf8(content_type_));
}

GrpcStatus GrpcAnswer::end(bool complete) {
  if (state_ == State::body && status_text_) trailing_metadata = std::exchange(initial_metadata, {});  // trailers only
  if (!failure_.ok()) return failure_;
  if (!status_text_) return {GrpcCode::unknown, "the answer has no grpc-status"};
  const auto code = grpc_code(*status_text_);
  if (!code) return {GrpcCode::unknown, "the answer has a grpc-status that is no number: " + valid_utf8(*status_text_)};
  if (*code == GrpcCode::ok && !complete) return {GrpcCode::internal, "the answer ends in the middle of a message"};
  return {*code, message_};
}

bool GrpcAnswer::fail(GrpcCode code, std::string message) {
  failure_ = {code, std::move(message)};
  return false;
}

}  // namespace katydid
