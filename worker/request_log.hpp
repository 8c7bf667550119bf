#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace katydid {

class RequestFile;

/// From now on each request is a line of the log, where lines of level DEBUG are written: `GET http://host/x: 200, 54
/// bytes, 1.25 ms`.
void log_requests();

/// From now on each request of users in C++ is a line of that file, which outlives them.
void log_requests_to(RequestFile& file);

/// What a line of the log says of a request.
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
