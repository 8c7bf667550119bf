#include <katydid/katydid.hpp>

#include <atomic>

using namespace katydid;

struct Buyer : FastHttpUser {
  task<> buy() { co_await client.get("/hello"); }
};
KATYDID_USER(Buyer).task<&Buyer::buy>();

struct Steady : Buyer {};
KATYDID_USER(Steady).wait_time(constant_throughput(10)).task<&Steady::buy>();

struct Paced : Buyer {};
KATYDID_USER(Paced).wait_time(constant_total_throughput(50)).task<&Paced::buy>();

/// Leaves its task set with each task.
struct Leaving : Buyer {};
struct Look : TaskSet<Leaving> {
  task<> look() {
    co_await client().get("/hello");
    interrupt();
  }
};
KATYDID_TASK_SET(Look).task<&Look::look>();
KATYDID_USER(Leaving).task<Look>();

/// Every second one ends before it begins.
struct Half : Buyer {
  task<> on_start() override {
    static std::atomic<int> started = 0;
    if (started++ % 2 != 0) throw StopUser();
    co_return;
  }
};
KATYDID_USER(Half).task<&Half::buy>();
