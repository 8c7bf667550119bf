// Locust's examples/nested_inline_tasksets.py.
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct WebsiteUser : HttpUser {
  struct TopLevel : TaskSet<WebsiteUser> {
    struct Index : TaskSet<WebsiteUser> {
      task<> index() { co_await client().get("/"); }
      task<> stop() {
        interrupt();
        co_return;
      }
    };
    task<> stats() { co_await client().get("/stats/requests"); }
  };
};
using TopLevel = WebsiteUser::TopLevel;
KATYDID_TASK_SET(TopLevel::Index).task<&TopLevel::Index::index>(10).task<&TopLevel::Index::stop>(1);
KATYDID_TASK_SET(TopLevel).task<TopLevel::Index>().task<&TopLevel::stats>();
KATYDID_USER(WebsiteUser).host("http://127.0.0.1:8089").wait_time(between(2s, 5s)).task<TopLevel>();
