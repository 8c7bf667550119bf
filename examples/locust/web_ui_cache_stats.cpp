// Locust's examples/web_ui_cache_stats.py, the worker's part: counts hits and misses of a cache by its header, and
// sends the counts to the master with each report. The pages that show them are for the master's locustfile.
#include <katydid/katydid.hpp>

#include <map>
#include <mutex>

using namespace katydid;
using namespace std::chrono_literals;

struct MyTaskSet : TaskSet<HttpUser> {
  task<> miss() { co_await client().get("/response-headers?X-Cache=MISS"); }
  task<> hit() { co_await client().get("/response-headers?X-Cache=HIT"); }
  task<> noinfo() { co_await client().get("/"); }
};
KATYDID_TASK_SET(MyTaskSet).task<&MyTaskSet::miss>(1).task<&MyTaskSet::hit>(2).task<&MyTaskSet::noinfo>(1);

struct WebsiteUser : HttpUser {};
KATYDID_USER(WebsiteUser).host("http://httpbin.org").wait_time(between(2s, 5s)).task<MyTaskSet>();

std::mutex mutex;  // users run on several threads
std::map<std::string, std::map<std::string, int>> cache_stats;

KATYDID_ON_REQUEST([](const RequestEvent& request) {
  const std::string_view cached = request.response ? request.response->header("X-Cache") : "";
  std::lock_guard lock(mutex);
  auto& counts =
      cache_stats
          .try_emplace(std::string(request.name), std::map<std::string, int>{{"hit", 0}, {"miss", 0}, {"noinfo", 0}})
          .first->second;
  ++counts[cached == "HIT" ? "hit" : cached == "MISS" ? "miss" : "noinfo"];
});

KATYDID_ON_REPORT_TO_MASTER([](Value& data) {
  std::lock_guard lock(mutex);
  Value all = Value::object();
  for (const auto& [name, counts] : cache_stats) {
    Value entry = Value::object();
    for (const auto& [kind, count] : counts) entry.set(kind, count);
    all.set(name, std::move(entry));
  }
  cache_stats.clear();
  data.set("cache_stats", std::move(all));
});
