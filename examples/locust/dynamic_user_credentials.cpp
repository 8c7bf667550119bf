// Locust's examples/dynamic_user_credentials.py: each user takes a name from a list that all share.
#include <katydid/katydid.hpp>

#include <mutex>

using namespace katydid;
using namespace std::chrono_literals;

std::mutex mutex;  // users run on several threads
std::vector<std::pair<std::string, std::string>> credentials = {
    {"user1", "password"}, {"user2", "password"}, {"user3", "password"}};

struct UserBehaviour : TaskSet<HttpUser> {
  task<> on_start() override {
    std::pair<std::string, std::string> mine;
    {
      std::lock_guard lock(mutex);
      if (credentials.empty()) co_return;
      mine = credentials.back();
      credentials.pop_back();
    }
    co_await client().post("/login", Form{{"username", mine.first}, {"password", mine.second}});
  }
  // Here the user is logged in, unless the credentials ran out.
  task<> some_task() { co_await client().get("/protected/resource"); }
};
KATYDID_TASK_SET(UserBehaviour).task<&UserBehaviour::some_task>();

struct WebUser : HttpUser {};
KATYDID_USER(WebUser).wait_time(between(5s, 60s)).task<UserBehaviour>();
