#pragma once

#include "http/fields.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace katydid {

/// Keys in lower case; a value whose key ends in "-bin" is bytes, and goes over the wire in base64.
using GrpcMetadata = std::vector<std::pair<std::string, std::string>>;

/// The first with that key, or "".
std::string_view value_in(const GrpcMetadata& metadata, std::string_view key);

/// Adds "key: value" and CRLF, as Http2Head has its lines. Why it can't be sent, or "".
std::string append_metadata(std::string& lines, std::string_view key, std::string_view value);

/// Of a field that came. A "-bin" field may have several values, with commas between. False: that is no base64.
bool add_field(GrpcMetadata& metadata, std::string_view key, std::string_view value);

/// Padded or not; nothing when it is no base64.
std::optional<std::string> decoded_base64(std::string_view text);

std::string grpc_user_agent();

/// As `grpc-timeout` has it: eight digits at the most, and a unit. Never less than asked for.
std::string grpc_timeout(std::chrono::milliseconds limit);

}  // namespace katydid
