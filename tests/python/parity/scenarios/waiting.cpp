// waiting.py in C++.
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct OwnWait : SequentialTaskSet<FastHttpUser> {
  task<> by_the_set() { co_await client().get("/hello?0.4"); }
  task<> wait_within() {
    co_await client().get("/hello?within-0.4");
    co_await wait();
    co_await client().get("/hello?then-0.2");
    co_await user().wait();
    co_await client().get("/hello?leave-0");
    interrupt();
  }
};
KATYDID_TASK_SET(OwnWait).wait_time(constant(400ms)).task<&OwnWait::by_the_set>().task<&OwnWait::wait_within>();

struct Paced : SequentialTaskSet<FastHttpUser> {
  task<> one() { co_await client().get("/delay/200?pace-0.5"); }
  task<> two() {
    co_await client().get("/hello?two-0.2");
    interrupt(false);
  }
};
KATYDID_TASK_SET(Paced).wait_time(constant_pacing(500ms)).task<&Paced::one>().task<&Paced::two>();

struct Main : SequentialTaskSet<FastHttpUser> {
  task<> by_the_user() { co_await client().get("/hello?0.2"); }
  task<> end() {
    co_await client().get("/hello?end-0");
    throw StopUser();
  }
};
KATYDID_TASK_SET(Main).task<&Main::by_the_user>().task<OwnWait>().task<Paced>().task<&Main::end>();

struct Waiter : FastHttpUser {};
KATYDID_USER(Waiter).wait_time(constant(200ms)).task<Main>();
