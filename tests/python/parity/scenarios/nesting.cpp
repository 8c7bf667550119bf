// nesting.py in C++.
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct Shopper : FastHttpUser {
  int rounds = 0;

  task<> on_start() override { co_await client.get("/hello?user-on_start"); }
  task<> on_stop() override { co_await client.get("/hello?user-on_stop"); }

  struct Outer : SequentialTaskSet<Shopper> {
    task<> on_start() override { co_await client().get("/hello?outer-on_start"); }
    task<> on_stop() override { co_await client().get("/hello?outer-on_stop"); }
    task<> first() { co_await client().get("/hello?first"); }
    task<> twice() { co_await client().get("/hello?twice"); }

    struct Inner : SequentialTaskSet<Shopper> {
      task<> on_start() override { co_await client().get("/hello?inner-on_start"); }
      task<> on_stop() override { co_await client().get("/hello?inner-on_stop"); }
      task<> inner_first() { co_await parent<Outer>().user().client.get("/hello?inner-first"); }

      struct Innermost : TaskSet<Shopper> {
        task<> leave() {
          co_await client().get("/hello?innermost");
          interrupt(false);
        }
        task<> on_stop() override { co_await client().get("/hello?innermost-on_stop"); }
      };

      task<> leave() {
        co_await client().get("/hello?inner-leave");
        interrupt();
      }
    };

    task<> last() {
      co_await client().get("/hello?last");
      if (++user().rounds == 2) throw StopUser();
    }
  };
};
using Outer = Shopper::Outer;
using Inner = Outer::Inner;
KATYDID_TASK_SET(Inner::Innermost).task<&Inner::Innermost::leave>();
KATYDID_TASK_SET(Inner).task<&Inner::inner_first>().task<Inner::Innermost>().task<&Inner::leave>();
KATYDID_TASK_SET(Outer).task<&Outer::first>().task<&Outer::twice>(2).task<Inner>().task<&Outer::last>();
KATYDID_USER(Shopper).wait_time(constant(0s)).task<Outer>();
