#pragma once

#include "base/task.hpp"
#include "http/response.hpp"
#include "net/sleep.hpp"

#include <array>
#include <chrono>

namespace katydid {

struct Retry {
  int attempts = 3;                                 ///< at most, the first one included
  std::chrono::milliseconds wait{100};              ///< before the second one; before each further one twice as long
  std::chrono::milliseconds longest_wait{5000};     ///< also of what a server asks for by Retry-After
  std::array<int, 8> statuses{429, 502, 503, 504};  ///< to try again after, as after a request without an answer
};

namespace detail {

bool is_to_be_tried_again(const Response& response, const Retry& retry);
/// Before attempt `number`, 2 or above.
std::chrono::milliseconds wait_before(int number, const Response& last, const Retry& retry);

}  // namespace detail

/// Asks again when there was no answer, or one that says that a later request may do better:
///
///     auto response = co_await retried({.attempts = 3}, [&] { return client.get("/items"); });
///
/// Each attempt is a request of its own in the statistics, as it is for the server. Gives the last one's response.
template <class Request>
task<Response> retried(Retry retry, Request request) {
  Response response = co_await request();
  for (int number = 2; number <= retry.attempts && detail::is_to_be_tried_again(response, retry); ++number) {
    const auto wait = detail::wait_before(number, response, retry);
    response = Response();  // recorded now, and not after the wait
    co_await sleep(wait);
    response = co_await request();
  }
  co_return response;
}

}  // namespace katydid
