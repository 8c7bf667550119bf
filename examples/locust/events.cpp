// Locust's examples/events.py: adds up the lengths of all answers, and sends the sum to the master with each report.
#include <katydid/katydid.hpp>

#include <atomic>

using namespace katydid;
using namespace std::chrono_literals;

struct MyTaskSet : TaskSet<HttpUser> {
  task<> index() { co_await client().get("/"); }
  task<> stats() { co_await client().get("/stats/requests"); }
};
KATYDID_TASK_SET(MyTaskSet).task<&MyTaskSet::index>(2).task<&MyTaskSet::stats>(1);

struct WebsiteUser : HttpUser {};
KATYDID_USER(WebsiteUser).host("http://127.0.0.1:8089").wait_time(between(2s, 5s)).task<MyTaskSet>();

std::atomic<std::uint64_t> content_length = 0;

KATYDID_ON_REQUEST([](const RequestEvent& request) { content_length += request.response_length; });

// The master's locustfile has a listener of worker_report, which adds up what all workers send.
KATYDID_ON_REPORT_TO_MASTER([](Value& data) { data.set("content-length", content_length.exchange(0)); });
