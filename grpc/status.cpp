#include "grpc/status.hpp"

#include <nghttp2/nghttp2.h>

#include <array>
#include <charconv>
#include <cstddef>

namespace katydid {
namespace {

constexpr std::array<std::string_view, 17> names{
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

}  // namespace

std::string_view name_of(GrpcCode code) { return names[static_cast<std::size_t>(code)]; }

std::string GrpcStatus::error() const {
  if (ok()) return {};
  std::string text(name_of(code));
  if (!message.empty()) text.append(": ").append(message);
  return text;
}

std::optional<GrpcCode> grpc_code(std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number < names.size() ? GrpcCode{static_cast<std::uint8_t>(number)} : GrpcCode::unknown;
}

GrpcCode code_of_http_status(int status) {
  switch (status) {
    case 400:
      return GrpcCode::internal;
    case 401:
      return GrpcCode::unauthenticated;
    case 403:
      return GrpcCode::permission_denied;
    case 404:
      return GrpcCode::unimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
      return GrpcCode::unavailable;
    default:
      return GrpcCode::unknown;
  }
}

GrpcCode code_of_reset(std::uint32_t http2_error) {
  switch (http2_error) {
    case NGHTTP2_REFUSED_STREAM:
      return GrpcCode::unavailable;
    case NGHTTP2_CANCEL:
      return GrpcCode::cancelled;
    case NGHTTP2_ENHANCE_YOUR_CALM:
      return GrpcCode::resource_exhausted;
    case NGHTTP2_INADEQUATE_SECURITY:
      return GrpcCode::permission_denied;
    case NGHTTP2_STREAM_CLOSED:
    case NGHTTP2_HTTP_1_1_REQUIRED:
      return GrpcCode::unknown;
    default:
      return GrpcCode::internal;
  }
}

}  // namespace katydid
