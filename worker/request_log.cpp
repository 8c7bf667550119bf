#include "worker/request_log.hpp"

#include "http/response.hpp"
#include "worker/log/log.hpp"
#include "worker/request_file.hpp"
#include "worker/user/hooks.hpp"

#include <chrono>
#include <string>

namespace katydid {
namespace {

constexpr log::Logger logger{"katydid.request"};

void log_event(const RequestEvent& request) {
  log_request({.request_type = request.request_type,
               .where = request.url.empty() ? request.name : request.url,
               .status = request.response ? request.response->status() : 0,
               .response_length = request.response_length,
               .exception = request.exception,
               .response_time = request.response_time});
}

}  // namespace

void log_request(const LoggedRequest& request) {
  std::string line(request.request_type);
  line.append(" ").append(request.where).append(": ");
  if (request.status > 0) line.append(std::to_string(request.status)).append(", ");
  line.append(std::to_string(request.response_length)).append(" bytes");
  if (!request.exception.empty()) line.append(", ").append(request.exception);
  if (request.response_time.count() < 0) return logger.debug("{}", line);
  const std::chrono::duration<double, std::milli> time = request.response_time;
  logger.debug("{}, {:.2f} ms", line, time.count());
}

void log_requests_to(RequestFile& file) {
  Hooks::registered().request.emplace_back([&file](const RequestEvent& request) {
    file.write({.request_type = request.request_type,
                .name = request.name,
                .response_time = request.response_time,
                .response_length = request.response_length,
                .status = request.response ? request.response->status() : 0,
                .exception = request.exception,
                .url = request.url,
                .context = &request.context,
                .start_time = request.start_time});
  });
}

void log_requests() {
  if (log::enabled(log::Level::debug)) Hooks::registered().request.emplace_back(log_event);
}

}  // namespace katydid
