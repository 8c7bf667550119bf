// An open workload: orders come at a rate, whatever the shop does. When it gets slow, they pile up as they do in life.
//   katydid -f examples/open_workload.cpp --master-host HOST
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct Buyer : FastHttpUser {
  task<> order() { co_await client.post("/echo", json{{"item", 42}}, {.name = "/order"}); }
};

// 50 a second; the users of the test are the pool that the orders are taken from.
KATYDID_USER(Buyer).arrival_rate(50).task<&Buyer::order>();

struct Visitor : FastHttpUser {
  task<> look() { co_await client.get("/hello"); }
};

// Rises to 100 a second in 2 seconds and stays there, with gaps as between people who know nothing of each other.
KATYDID_USER(Visitor).arrival_rate(ArrivalRate::stages({{2s, 100}}).poisson()).task<&Visitor::look>();
