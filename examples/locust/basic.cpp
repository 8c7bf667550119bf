// Locust's examples/basic.py: a task set of three pages.
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct UserTasks : TaskSet<HttpUser> {
  task<> index() { co_await client().get("/"); }
  task<> stats() { co_await client().get("/stats/requests"); }
  task<> page404() { co_await client().get("/does_not_exist"); }
};
KATYDID_TASK_SET(UserTasks).task<&UserTasks::index>().task<&UserTasks::stats>().task<&UserTasks::page404>();

struct WebsiteUser : HttpUser {};
KATYDID_USER(WebsiteUser).host("http://127.0.0.1:8089").wait_time(between(2s, 5s)).task<UserTasks>();
