// Users with something for each panel of deploy/grafana: failures, exceptions, phases, tasks that find no user free.
#include <katydid/katydid.hpp>

#include <stdexcept>

using namespace katydid;
using namespace std::chrono_literals;

struct Visitor : FastHttpUser {
  task<> hello() { co_await client.get("/hello"); }
  task<> broken_server() { co_await client.get("/status/500"); }
  task<> throws() {
    throw std::runtime_error("thrown");
    co_return;
  }
};
KATYDID_USER(Visitor)
    .wait_time(constant(20ms))
    .task<&Visitor::hello>(5)
    .task<&Visitor::broken_server>()
    .task<&Visitor::throws>();

struct Buyer : FastHttpUser {
  task<> buy() { co_await client.get("/delay/500"); }
};
KATYDID_USER(Buyer).fixed_count(1).arrival_rate(20.0).task<&Buyer::buy>();
