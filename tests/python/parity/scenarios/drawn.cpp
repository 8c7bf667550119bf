// drawn.py in C++.
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct Drawn : FastHttpUser {};

struct Between : SequentialTaskSet<Drawn> {
  int asked = 0;
  task<> ask() {
    co_await client().get("/hello?between");
    if (++asked == 100) interrupt();
  }
};
KATYDID_TASK_SET(Between).wait_time(between(10ms, 50ms)).task<&Between::ask>();

struct Poisson : SequentialTaskSet<Drawn> {
  int asked = 0;
  task<> ask() {
    co_await client().get("/hello?poisson");
    if (++asked == 200) interrupt();
  }
};
KATYDID_TASK_SET(Poisson).wait_time(poisson(40)).task<&Poisson::ask>();

struct Throughput : SequentialTaskSet<Drawn> {
  int asked = 0;
  task<> ask() {
    co_await client().get("/delay/10?throughput");
    if (++asked == 60) throw StopUser();
  }
};
KATYDID_TASK_SET(Throughput).wait_time(constant_throughput(40)).task<&Throughput::ask>();

struct Main : SequentialTaskSet<Drawn> {};
KATYDID_TASK_SET(Main).task<Between>().task<Poisson>().task<Throughput>();
KATYDID_USER(Drawn).wait_time(between(0s, 0s)).task<Main>();
