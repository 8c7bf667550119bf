// tagged.py in C++.
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct Tagged : FastHttpUser {
  task<> ask(const char* path) { co_await client.get(path); }
};

struct WholeSet : SequentialTaskSet<Tagged> {
  task<> one() { co_await user().ask("/hello?whole-one"); }
  task<> two() { co_await user().ask("/hello?never"); }
  task<> leave() {
    co_await user().ask("/hello?whole-leave");
    interrupt();
  }
};
KATYDID_TASK_SET(WholeSet)
    .task<&WholeSet::one>()
    .task<&WholeSet::two>(1, {.tags = {"not-this"}})
    .task<&WholeSet::leave>();

struct Emptied : TaskSet<Tagged> {
  task<> never() { co_await user().ask("/hello?never"); }
};
KATYDID_TASK_SET(Emptied).task<&Emptied::never>();

struct Partly : SequentialTaskSet<Tagged> {
  task<> never() { co_await user().ask("/hello?never"); }
  task<> leave() {
    co_await user().ask("/hello?partly");
    interrupt();
  }
};
KATYDID_TASK_SET(Partly).task<&Partly::never>().task<&Partly::leave>(1, {.tags = {"wanted"}});

struct Main : SequentialTaskSet<Tagged> {
  task<> untagged() { co_await user().ask("/hello?never"); }
  task<> wanted() { co_await user().ask("/hello?wanted"); }
  task<> both() { co_await user().ask("/hello?never"); }
  task<> end() {
    throw StopUser();
    co_return;
  }
};
KATYDID_TASK_SET(Main)
    .task<&Main::untagged>()
    .task<&Main::wanted>(1, {.tags = {"wanted"}})
    .task<&Main::both>(1, {.tags = {"wanted", "not-this"}})
    .task<WholeSet>(1, {.tags = {"wanted"}})
    .task<Emptied>()
    .task<Partly>()
    .task<&Main::end>(1, {.tags = {"wanted"}});
KATYDID_USER(Tagged).wait_time(constant(0s)).task<Main>();
