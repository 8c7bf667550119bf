// configured.py in C++.
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct Buyer : FastHttpUser {
  task<> on_start() override { co_await client.get("/hello?Buyer"); }
  task<> look() { co_await client.get("/hello?look"); }
  task<> buy() { co_await client.get("/hello?buy"); }
};
struct Admin : FastHttpUser {
  task<> on_start() override { co_await client.get("/hello?Admin"); }
  task<> rule() { co_await client.get("/hello?rule"); }
};
struct Guard : FastHttpUser {
  task<> on_start() override { co_await client.get("/hello?Guard"); }
  task<> watch() { co_await client.get("/hello?watch"); }
};

struct Deep : SequentialTaskSet<Buyer> {
  task<> step() { co_await client().get("/hello?step"); }
  task<> again() { co_await client().get("/hello?again"); }
};
struct Browse : TaskSet<Buyer> {
  task<> read() { co_await client().get("/hello?read"); }
};
KATYDID_TASK_SET(Deep).task<&Deep::step>(2).task<&Deep::again>();
KATYDID_TASK_SET(Browse).wait_time(constant(1000s)).task<&Browse::read>(4).task<Deep>();

KATYDID_USER(Buyer).wait_time(constant(1000s)).weight(3).task<&Buyer::look>(3).task<&Buyer::buy>().task<Browse>(2);
KATYDID_USER(Admin).wait_time(constant(1000s)).task<&Admin::rule>();
KATYDID_USER(Guard).wait_time(constant(1000s)).fixed_count(1).task<&Guard::watch>();
