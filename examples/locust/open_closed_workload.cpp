// Locust's examples/open_closed_workload.py.
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct Workload : HttpUser {
  task<> t() { co_return; }
};

struct ClosedWorkload : Workload {};
// Sleeps 10 s after each task, however long it took.
KATYDID_USER(ClosedWorkload).wait_time(constant(10s)).task<&ClosedWorkload::t>();

struct OpenWorkload : Workload {};
// Sleeps just enough, so that a task begins every 10 s.
KATYDID_USER(OpenWorkload).wait_time(constant_pacing(10s)).task<&OpenWorkload::t>();
