// picked.py in C++.
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct Picked : FastHttpUser {
  task<> on_start() override { co_await client.get("/hello?Picked"); }
  task<> first() { co_await client.get("/hello?first"); }
  task<> second() { co_await client.get("/hello?second"); }
};
KATYDID_USER(Picked)
    .host("http://127.0.0.1:9")
    .wait_time(constant(100ms))
    .task<&Picked::first>()
    .task<&Picked::second>();

struct Other : FastHttpUser {
  task<> on_start() override { co_await client.get("/hello?Other"); }
  task<> third() { co_await client.get("/hello?third"); }
};
KATYDID_USER(Other).host("http://127.0.0.1:9").wait_time(constant(100ms)).task<&Other::third>();
