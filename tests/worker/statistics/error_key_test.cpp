#include "worker/statistics/error_key.hpp"

#include "base/python_repr.hpp"

#include <doctest/doctest.h>

#include <string_view>

using namespace katydid;
using namespace std::string_view_literals;

TEST_CASE("an error has the key that Locust's own worker gives it") {
  struct Known {
    std::string_view error, repr, key;
  };
  // As repr() and StatsError.create_key("GET", "/missing", …) of Locust 2.47 say.
  const Known known[] = {
      {"HTTPError('404 Client Error: Not Found for url: /missing')"sv,
       "\042HTTPError('404 Client Error: Not Found for url: /missing')\042"sv,
       "b662e1d6e13e22a67d0b329c184fe1d00394e7718b9316e3a7815820fca3bb88"},
      {"it's \042both\042 \134 here"sv, "'it\134's \042both\042 \134\134 here'"sv,
       "d2aafa19a5b629d380fbce0567402ad5d16d649d5533bba61da26d5f89db3c8e"},
      {"it's"sv, "\042it's\042"sv, "d0efdf27e0af022f8a6d73e0eb586a609d7acc0bb7f569cce7127d09593edce0"},
      {"tab\011here\012line\000\177\302\240 \303\251 \346\274\242 \360\237\230\200 \342\200\213 \363\240\200\201"sv,
       "'tab\134there\134nline\134x00\134x7f\134xa0 \303\251 \346\274\242 \360\237\230\200 \134u200b \134U000e0001'"sv,
       "d20dda012d34ebf95957eac22340de2d5873b2c23d6855d19ca0af14bdea8a35"},
      {""sv, "''"sv, "70d5a39275a7971748080dbc85a9dbf844ea5cc56493ddbfa7df483cae4ae47b"},
  };
  for (const Known& each : known) {
    CAPTURE(each.error);
    CHECK(python_repr(each.error) == each.repr);
    CHECK(error_key("GET", "/missing", each.error) == each.key);
  }
}
