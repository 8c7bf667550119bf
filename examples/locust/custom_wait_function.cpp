// Locust's examples/custom_wait_function.py: wait times that are functions.
#include <katydid/katydid.hpp>

#include <random>

using namespace katydid;
using namespace std::chrono_literals;

struct UserTasks : TaskSet<HttpUser> {
  task<> index() { co_await client().get("/"); }
  task<> stats() { co_await client().get("/stats/requests"); }
  task<> page404() { co_await client().get("/does_not_exist"); }
};
KATYDID_TASK_SET(UserTasks).task<&UserTasks::index>().task<&UserTasks::stats>().task<&UserTasks::page404>();

// Exponentially distributed, with a mean of one second.
struct WebsiteUser : HttpUser {};
KATYDID_USER(WebsiteUser).host("http://127.0.0.1:8089").wait_time(poisson(1)).task<UserTasks>();

// The same, strictly between two bounds.
std::chrono::duration<double> strict_exp(User& user, double min_wait, double max_wait, double mu = 1) {
  while (true) {
    const double x = std::exponential_distribution(mu)(user.random_source());
    const double result = min_wait + x * (max_wait - min_wait) / (mu * 6);
    if (result < max_wait) return std::chrono::duration<double>(result);
  }
}

struct StrictWebsiteUser : HttpUser {};
KATYDID_USER(StrictWebsiteUser)
    .host("http://127.0.0.1:8089")
    .wait_time([](User& user) { return strict_exp(user, 3, 7); })
    .task<UserTasks>();
