// choosing.py in C++.
#include <katydid/katydid.hpp>

#include <stdexcept>

using namespace katydid;
using namespace std::chrono_literals;

struct Chooser : FastHttpUser {
  struct Main : TaskSet<Chooser> {
    struct Skipping : SequentialTaskSet<Chooser> {
      const TaskDefinition& get_next_task() override {
        SequentialTaskSet::get_next_task();
        return SequentialTaskSet::get_next_task();
      }
      task<> first() { co_await client().get("/hello?first"); }
      task<> second() { co_await client().get("/hello?second"); }
      task<> third() {
        co_await client().get("/hello?third");
        interrupt();
      }
    };

    int steps = 0;

    const TaskDefinition& get_next_task() override {
      switch (++steps) {
        case 1:
          return next<&Main::unmarked>();
        case 2:
          return next<Skipping>();
        case 3:
          throw std::runtime_error("get_next_task is broken");
        case 4:
          return TaskSet::get_next_task();
        default:
          return next<&Main::end>();
      }
    }
    task<> unmarked() {
      co_await client().get("/hello?unmarked");
      schedule_task<&Main::scheduled>();
    }
    task<> scheduled() { co_await client().get("/hello?scheduled"); }
    task<> usual() { co_await client().get("/hello?usual"); }
    task<> end() {
      co_await client().get("/hello?end");
      throw StopUser();
    }
  };
};
using Main = Chooser::Main;
KATYDID_TASK_SET(Main::Skipping)
    .task<&Main::Skipping::first>()
    .task<&Main::Skipping::second>()
    .task<&Main::Skipping::third>();
KATYDID_TASK_SET(Main).task<&Main::usual>();
KATYDID_USER(Chooser).wait_time(constant(0s)).task<Main>();
