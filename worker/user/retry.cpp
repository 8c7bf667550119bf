#include "worker/user/retry.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <system_error>

namespace katydid::detail {

bool is_to_be_tried_again(const Response& response, const Retry& retry) {
  if (response.status() == 0) return true;
  return std::ranges::find(retry.statuses, response.status()) != retry.statuses.end();
}

std::chrono::milliseconds wait_before(int number, const Response& last, const Retry& retry) {
  auto wait = retry.wait;
  for (int i = 2; i < number && wait < retry.longest_wait; ++i) wait *= 2;
  const std::string_view asked = last.header("Retry-After");  // a date in it is not looked at
  int seconds = 0;
  const auto read = std::from_chars(asked.data(), asked.data() + asked.size(), seconds);
  if (read.ec == std::errc() && read.ptr == asked.data() + asked.size() && seconds > 0)
    wait = std::max<std::chrono::milliseconds>(wait, std::chrono::seconds(seconds));
  return std::min(wait, retry.longest_wait);
}

}  // namespace katydid::detail
