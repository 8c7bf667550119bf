#include "worker/user/retry.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using namespace katydid;
using namespace std::chrono_literals;

namespace {
Response answer(int status, std::string headers = {}) {
  return Response(Response::Content{.status = status, .header_block = std::move(headers)});
}
}  // namespace

TEST_CASE("what is worth another attempt") {
  CHECK(detail::is_to_be_tried_again(answer(0), {}));
  CHECK(detail::is_to_be_tried_again(answer(503), {}));
  CHECK(detail::is_to_be_tried_again(answer(429), {}));
  CHECK_FALSE(detail::is_to_be_tried_again(answer(200), {}));
  CHECK_FALSE(detail::is_to_be_tried_again(answer(404), {}));
  CHECK_FALSE(detail::is_to_be_tried_again(answer(500), {}));
  CHECK(detail::is_to_be_tried_again(answer(500), {.statuses = {500}}));
  CHECK_FALSE(detail::is_to_be_tried_again(answer(503), {.statuses = {500}}));
  CHECK(detail::is_to_be_tried_again(answer(0), {.statuses = {500}}));
}

TEST_CASE("the wait before another attempt doubles, within a limit") {
  const Retry retry{.wait = 100ms, .longest_wait = 500ms};
  CHECK(detail::wait_before(2, answer(503), retry) == 100ms);
  CHECK(detail::wait_before(3, answer(503), retry) == 200ms);
  CHECK(detail::wait_before(4, answer(503), retry) == 400ms);
  CHECK(detail::wait_before(5, answer(503), retry) == 500ms);
  CHECK(detail::wait_before(1000, answer(503), retry) == 500ms);
}

TEST_CASE("a server may ask for a longer wait") {
  CHECK(detail::wait_before(2, answer(503, "Retry-After: 2\r\n"), {}) == 2s);
  CHECK(detail::wait_before(2, answer(503, "Retry-After: 3600\r\n"), {}) == 5s);
  CHECK(detail::wait_before(2, answer(503, "Retry-After: 0\r\n"), {}) == 100ms);
  for (const char* odd : {"-1", "soon", "99999999999999", "2 s", "Wed, 21 Oct 2015 07:28:00 GMT", ""}) {
    CAPTURE(odd);
    CHECK(detail::wait_before(2, answer(503, "Retry-After: " + std::string(odd) + "\r\n"), {}) == 100ms);
  }
}
