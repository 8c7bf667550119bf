// total.py in C++, by the rate of all.
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct Paced : FastHttpUser {
  task<> ask() { co_await client.get("/hello?paced"); }
};
KATYDID_USER(Paced).wait_time(constant_total_throughput(40)).task<&Paced::ask>();
