// A user that blocks its loop, which no task should do.
#include <katydid/katydid.hpp>

#include <thread>

using namespace katydid;
using namespace std::chrono_literals;

struct BlockingUser : FastHttpUser {
  task<> block() {
    std::this_thread::sleep_for(30ms);
    co_await client.get("/hello");
  }
};
KATYDID_USER(BlockingUser).task<&BlockingUser::block>();
