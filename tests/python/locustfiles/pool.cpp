#include <katydid/katydid.hpp>

using namespace katydid;

struct Buyer : FastHttpUser {
  task<> buy() { co_await client.get("/hello"); }
};
KATYDID_USER(Buyer).task<&Buyer::buy>();

struct Steady : Buyer {};
KATYDID_USER(Steady).wait_time(constant_throughput(10)).task<&Steady::buy>();

struct Paced : Buyer {};
KATYDID_USER(Paced).wait_time(constant_total_throughput(50)).task<&Paced::buy>();
