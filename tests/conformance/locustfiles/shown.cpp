// One class with something for each page of the web interface; shown.py is the same in Python.
#include <katydid/katydid.hpp>

#include <stdexcept>

using namespace katydid;
using namespace std::chrono_literals;

struct ShownUser : HttpUser {
  task<> works() { co_await client.get("/hello"); }
  task<> fails() { co_await client.get("/status/500", {.name = "/broken"}); }
  task<> throws() {
    co_await client.get("/hello");
    throw std::runtime_error("this task is broken");
  }
};
KATYDID_USER(ShownUser)
    .wait_time(constant(50ms))
    .task<&ShownUser::works>(8)
    .task<&ShownUser::fails>(1)
    .task<&ShownUser::throws>(1);
