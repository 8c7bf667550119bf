#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace katydid {

/// gRPC's statuses, by their numbers.
enum class GrpcCode : std::uint8_t {
  ok,
  cancelled,
  unknown,
  invalid_argument,
  deadline_exceeded,
  not_found,
  already_exists,
  permission_denied,
  resource_exhausted,
  failed_precondition,
  aborted,
  out_of_range,
  unimplemented,
  internal,
  unavailable,
  data_loss,
  unauthenticated
};

/// "NOT_FOUND".
std::string_view name_of(GrpcCode code);

/// How a call ended: by the server, or, where it never got that far, by this side.
struct GrpcStatus {
  GrpcCode code = GrpcCode::ok;
  std::string message{};

  bool ok() const { return code == GrpcCode::ok; }
  /// "NOT_FOUND: no such user", as statistics name a failure; "" when it is none.
  std::string error() const;
};

/// Of `grpc-status`: another number than gRPC's is UNKNOWN, and what is no number none.
std::optional<GrpcCode> grpc_code(std::string_view text);
/// Where a server of HTTP answers without a status of gRPC (gRPC's http-grpc-status-mapping.md).
GrpcCode code_of_http_status(int status);
/// Where a stream is reset with that error (gRPC's PROTOCOL-HTTP2.md).
GrpcCode code_of_reset(std::uint32_t http2_error);

}  // namespace katydid
