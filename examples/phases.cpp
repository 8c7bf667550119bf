// How long the server thinks, apart from the way there: its own entry, and a failure where it is too long.
//   katydid -f examples/phases.cpp --headless -u 4 -t 10s --host http://127.0.0.1:8080
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct Shopper : FastHttpUser {
  task<> cart() {
    auto response = co_await client.get("/delay/20", {.name = "/cart", .catch_response = true});
    const Phases phases = response.phases();
    const auto thought = phases.first_byte - phases.request_sent;
    record({.method = "GET", .name = "/cart, the server alone", .response_time = thought});
    if (thought > 500ms) response.failure("the server thinks for too long");
  }
};

KATYDID_USER(Shopper).wait_time(between(10ms, 50ms)).task<&Shopper::cart>();
