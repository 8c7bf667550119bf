// Locust's examples/multiple_hosts.py: a second client, for another host.
#include <katydid/katydid.hpp>

#include <cstdlib>

using namespace katydid;
using namespace std::chrono_literals;

struct MultipleHostsUser : HttpUser {
  HttpClient api_client = make_http_client(std::getenv("API_HOST"));
};

struct UserTasks : TaskSet<MultipleHostsUser> {
  task<> index() { co_await client().get("/"); }
  task<> index_other_host() { co_await user().api_client.get("/stats/requests"); }
};
KATYDID_TASK_SET(UserTasks).task<&UserTasks::index>().task<&UserTasks::index_other_host>();

struct WebsiteUser : MultipleHostsUser {};
KATYDID_USER(WebsiteUser).host("http://127.0.0.1:8089").wait_time(between(2s, 5s)).task<UserTasks>();
