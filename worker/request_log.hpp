#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace katydid {

/// From now on each request is a line of the log, where lines of level DEBUG are written: `GET http://host/x: 200, 54
/// bytes, 1.25 ms`.
void log_requests();

/// What such a line says of a request.
struct LoggedRequest {
  std::string_view request_type;
  std::string_view where;  ///< its URL, or its name
  int status = 0;          ///< 0: it has none
  std::uint64_t response_length = 0;
  std::string_view exception{};
  std::chrono::nanoseconds response_time{};  ///< negative: it has none
};
void log_request(const LoggedRequest& request);

}  // namespace katydid
