// Users whose requests go over two connections of all of them.
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct Sharer : FastHttpUser {
  Sharer() {
    client.options().share_connections = true;
    client.options().max_connections = 2;
  }
  task<> ask() { co_await client.get("/hello"); }
};
KATYDID_USER(Sharer).wait_time(constant(20ms)).task<&Sharer::ask>();
