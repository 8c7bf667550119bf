// stopped.py in C++.
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct Stopped : FastHttpUser {
  task<> on_stop() override { co_await client.get("/hello?user-on_stop"); }
};

struct Inner : TaskSet<Stopped> {
  task<> on_start() override { co_await client().get("/hello?inner-on_start"); }
  task<> on_stop() override { co_await client().get("/hello?inner-on_stop"); }
  task<> last() { co_await client().get("/hello?last"); }
};
KATYDID_TASK_SET(Inner).wait_time(constant(1000s)).task<&Inner::last>();

struct Outer : TaskSet<Stopped> {
  task<> on_stop() override { co_await client().get("/hello?outer-on_stop"); }
};
KATYDID_TASK_SET(Outer).task<Inner>();
KATYDID_USER(Stopped).wait_time(constant(0s)).task<Outer>();
