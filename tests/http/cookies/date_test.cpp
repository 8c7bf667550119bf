#include "http/cookies/date.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace katydid;
using namespace std::chrono;

namespace {

constexpr sys_seconds at(int y, unsigned m, unsigned d, int hour = 0, int minute = 0, int second = 0) {
  return sys_days(year(y) / m / d) + hours(hour) + minutes(minute) + seconds(second);
}

}  // namespace

TEST_CASE("the three dates of HTTP are read") {
  const auto expected = at(1994, 11, 6, 8, 49, 37);
  CHECK(parse_cookie_date("Sun, 06 Nov 1994 08:49:37 GMT") == expected);
  CHECK(parse_cookie_date("Sunday, 06-Nov-94 08:49:37 GMT") == expected);
  CHECK(parse_cookie_date("Sun Nov  6 08:49:37 1994") == expected);
  CHECK(parse_cookie_date("Sun, 06-Nov-1994 08:49:37 GMT") == expected);
}

TEST_CASE("parts of a date come in any order, with anything around them") {
  const auto expected = at(2030, 2, 28, 1, 2, 3);
  CHECK(parse_cookie_date("28 Feb 2030 1:2:3") == expected);
  CHECK(parse_cookie_date("1:2:3 28 february 2030") == expected);
  CHECK(parse_cookie_date("FEB;28,2030@01:02:03") == expected);
  CHECK(parse_cookie_date("\"28\"_Feb_2030 01:02:03 +0300") == expected);  // the zone is not looked at
  CHECK(parse_cookie_date("28th Feb 2030AD 01:02:03.999") == expected);
  CHECK(parse_cookie_date("Wed, 01 Jan 2030 28:00 00:00:01") == at(2030, 1, 1, 0, 0, 1));
  CHECK(parse_cookie_date("1 Feb 2 Mar 2030 4:5:6") == at(2030, 2, 1, 4, 5, 6));  // the first of each kind
}

TEST_CASE("years of two digits are from 1970 to 2069") {
  CHECK(parse_cookie_date("1 Jan 70 00:00:00") == at(1970, 1, 1));
  CHECK(parse_cookie_date("1 Jan 99 00:00:00") == at(1999, 1, 1));
  CHECK(parse_cookie_date("1 Jan 69 00:00:00") == at(2069, 1, 1));
  CHECK(parse_cookie_date("1 Jan 00 00:00:00") == at(2000, 1, 1));
  CHECK(parse_cookie_date("1 Jan 1601 00:00:00") == at(1601, 1, 1));
  CHECK(parse_cookie_date("31 Dec 9999 23:59:59") == at(9999, 12, 31, 23, 59, 59));
}

TEST_CASE("what is no date is none") {
  for (const auto* text : {
           "",
           "0",
           "now",
           "Sun, 06 Nov 1994",        // no time
           "Sun, 06 Nov 08:49:37",    // no year
           "Sun, Nov 1994 08:49:37",  // no day: 1994 has too many digits for one
           "06 1994 08:49:37",        // no month
           "06 Nov 1994 08:49",       // no seconds
           "06 Nov 1994 008:49:37",   // three digits
           "06 Nov 1994 08:49:377",
           "06 Nov 1994 08:49:",
           "06 Nov 19940 08:49:37",
           "06 Nov 1600 08:49:37",
           "06 Nov 1994 24:00:00",
           "06 Nov 1994 23:60:00",
           "06 Nov 1994 23:59:60",
           "00 Nov 1994 08:49:37",
           "31 Nov 1994 08:49:37",
           "29 Feb 2023 08:49:37",
           "32 Jan 2023 08:49:37",
           "06 No 1994 08:49:37",
       }) {
    CAPTURE(std::string(text));
    CHECK(parse_cookie_date(text) == std::nullopt);
  }
  CHECK(parse_cookie_date("29 Feb 2024 08:49:37") == at(2024, 2, 29, 8, 49, 37));
}
