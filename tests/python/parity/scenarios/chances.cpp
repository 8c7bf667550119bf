// chances.py in C++.
#include <katydid/katydid.hpp>

#include <map>
#include <string>

using namespace katydid;
using namespace std::chrono_literals;

struct Chooser : FastHttpUser {
  std::map<std::string, int> counts;
  int sum = 0;

  bool chosen(const char* name) {
    ++counts[name];
    return ++sum >= 4000;
  }
  task<> tell() {
    for (const auto& [name, count] : counts) {
      const std::string path = "/hello?" + name + "=" + std::to_string(count);
      co_await client.get(path);
    }
    counts.clear();
    sum = 0;
  }
};

struct Four : TaskSet<Chooser> {
  task<> four() {
    user().chosen("four");
    interrupt();
    co_return;
  }
};
KATYDID_TASK_SET(Four).task<&Four::four>();

struct Weighted : TaskSet<Chooser> {
  task<> on_stop() override { co_await user().tell(); }
  task<> three() {
    if (user().chosen("three")) interrupt();
    co_return;
  }
  task<> one() {
    if (user().chosen("one")) interrupt();
    co_return;
  }
};
KATYDID_TASK_SET(Weighted).task<&Weighted::three>(3).task<&Weighted::one>().task<Four>(4);

struct Walk : MarkovTaskSet<Chooser> {
  task<> on_stop() override { co_await user().tell(); }
  task<> start() {
    if (user().chosen("start")) interrupt();
    co_return;
  }
  task<> one_in_four() {
    if (user().chosen("one_in_four")) interrupt();
    co_return;
  }
  task<> never() {
    user().chosen("never");
    co_return;
  }
};
KATYDID_TASK_SET(Walk)
    .task<&Walk::start>()
    .transition<&Walk::start>(3)
    .transition<&Walk::one_in_four>()
    .task<&Walk::one_in_four>()
    .transition<&Walk::start>()
    .transition<&Walk::never>(0)
    .task<&Walk::never>()
    .transition<&Walk::start>()
    .transition<&Walk::one_in_four>(2);

struct Main : SequentialTaskSet<Chooser> {
  task<> end() {
    throw StopUser();
    co_return;
  }
};
KATYDID_TASK_SET(Main).task<Weighted>().task<Walk>().task<&Main::end>();
KATYDID_USER(Chooser).wait_time(constant(0s)).task<Main>();
