// The users of the fleet in compose.yaml. Put your own in their place; docs/deploy.md says what goes with them.
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct Visitor : HttpUser {
  task<> front_page() { co_await client.get("/hello"); }
  task<> search() { co_await client.get("/delay/25", {.name = "/delay/[ms]"}); }
};

KATYDID_USER(Visitor).wait_time(between(50ms, 250ms)).task<&Visitor::front_page>(3).task<&Visitor::search>(1);
