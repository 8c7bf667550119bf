// scheduling.py in C++.
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct Shopper : FastHttpUser {
  struct Outer : SequentialTaskSet<Shopper> {
    struct Aside : SequentialTaskSet<Shopper> {
      task<> aside() {
        co_await client().get("/hello?aside");
        interrupt();
      }
    };

    task<> on_start() override {
      schedule_task<&Outer::extra>();
      co_return;
    }
    task<> extra() { co_await client().get("/hello?extra"); }
    task<> sooner() { co_await client().get("/hello?sooner"); }
    task<> first() {
      co_await client().get("/hello?first");
      schedule_task<&Outer::extra>();
      schedule_task<Aside>();
      schedule_task<&Outer::sooner>(true);
    }
    task<> second() {
      co_await client().get("/hello?second");
      schedule_task<&Outer::first>();
    }
    task<> last() {
      co_await client().get("/hello?last");
      throw StopUser();
    }
  };
};
using Outer = Shopper::Outer;
KATYDID_TASK_SET(Outer::Aside).task<&Outer::Aside::aside>();
KATYDID_TASK_SET(Outer).task<&Outer::first>().task<&Outer::second>().task<&Outer::last>();
KATYDID_USER(Shopper).wait_time(constant(0s)).task<Outer>();
