#pragma once

#include "http/curl/handles.hpp"
#include "worker/otel/settings.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <string>

namespace katydid::otel {

/// Sends exports to one endpoint, one after another, over a connection that is kept. Blocks, so it has a thread.
class Post {
 public:
  using clock = std::chrono::steady_clock;
  enum class Outcome { sent, failed };

  enum class Obstacle { none, no_connection, server_is_busy, lasting };
  /// Waits until that time, when it is tried again; false: it is not.
  using Sleep = std::function<bool(clock::time_point, Obstacle)>;

  /// `what` they are, for the log. `endpoint` and `ends_at`, when all has to end, outlive this.
  Post(const Endpoint& endpoint, std::string what, Sleep sleep, const std::atomic<clock::time_point>& ends_at);

  /// Tries again as OTLP says, within the endpoint's timeout: where there is no connection, and after the statuses 429,
  /// 502, 503 and 504, after the time that Retry-After says. The first failure of several is told in the log.
  Outcome send(const std::string& message);

 private:
  struct Try {
    Obstacle obstacle = Obstacle::none;
    std::chrono::milliseconds wait{};  ///< that the server asks for
    std::string why{};
  };
  Try try_once(const std::string& body, clock::time_point until);
  void prepare();
  void tell(const std::string& why);
  void look_at_answer();
  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self);
  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

  const Endpoint& endpoint_;
  std::string what_, place_;
  Sleep sleep_;
  const std::atomic<clock::time_point>& ends_at_;
  CurlHandle easy_;
  CurlList headers_;
  std::string answer_;
  char message_[CURL_ERROR_SIZE] = {};
  bool told_ = false, told_partial_ = false;
};

}  // namespace katydid::otel
