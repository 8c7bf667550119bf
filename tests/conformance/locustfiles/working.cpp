// A user that has more to do with each answer than the target had: it is the generator that is saturated.
#include <katydid/katydid.hpp>

#include <chrono>

using namespace katydid;
using namespace std::chrono_literals;

struct WorkingUser : FastHttpUser {
  task<> hello() {
    co_await client.get("/hello");
    const auto until = std::chrono::steady_clock::now() + 10us;
    while (std::chrono::steady_clock::now() < until) {
    }
  }
};
KATYDID_USER(WorkingUser).task<&WorkingUser::hello>();
