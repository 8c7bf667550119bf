// A second locustfile beside load.cpp.
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct ExtraUser : HttpUser {
  task<> extra() { co_await client.get("/hello", {.name = "extra"}); }
};
KATYDID_USER(ExtraUser).weight(2).wait_time(constant(100ms)).task<&ExtraUser::extra>();
