// Users that record what no request has: numbers at the end of 64 bits.
#include <katydid/katydid.hpp>

#include <limits>

using namespace katydid;
using namespace std::chrono_literals;

template <class Base>
struct Recording : Base {
  using Base::record;
  task<> length() {
    record({.method = "GET",
            .name = "/length",
            .response_time = 1ms,
            .response_length = std::numeric_limits<std::uint64_t>::max()});
    co_return;
  }
  task<> time() {
    record({.method = "GET", .name = "/time", .response_time = std::chrono::nanoseconds::max(), .response_length = 7});
    co_return;
  }
};
struct CurlUser : Recording<HttpUser> {};
struct FastUser : Recording<FastHttpUser> {};
KATYDID_USER(CurlUser).wait_time(constant(50ms)).task<&CurlUser::length>().task<&CurlUser::time>();
KATYDID_USER(FastUser).wait_time(constant(50ms)).task<&FastUser::length>().task<&FastUser::time>();
