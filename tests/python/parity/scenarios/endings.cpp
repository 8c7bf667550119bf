// endings.py in C++.
#include <katydid/katydid.hpp>

#include <cstdio>
#include <cstdlib>

using namespace katydid;
using namespace std::chrono_literals;

void tell(const char* what) {
  std::printf("EVENT %s\n", what);
  std::fflush(stdout);
}

KATYDID_ON_TEST_STOPPING([](Environment&) { tell("test_stopping"); });
KATYDID_ON_TEST_STOP([](Environment&) { tell("test_stop"); });
KATYDID_ON_QUITTING([](Environment&) { tell("quitting"); });

struct Ender : FastHttpUser {
  task<> on_stop() override { co_await client.get("/hello?user-on_stop"); }
};

struct Main : TaskSet<Ender> {
  task<> on_stop() override { co_await client().get("/hello?set-on_stop"); }
  task<> end() {
    const std::string ending = std::getenv("ENDING");
    co_await client().get("/hello?before");
    if (ending == "stop") {
      user().stop();
      co_await client().get("/hello?after");
    } else if (ending == "stop_test") {
      throw StopTest("why not");
    } else {
      environment().quit();
    }
  }
};
KATYDID_TASK_SET(Main).task<&Main::end>();
KATYDID_USER(Ender).wait_time(constant(5s)).task<Main>();
