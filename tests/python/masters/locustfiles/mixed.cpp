// The same user in C++.
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct MixedUser : FastHttpUser {
  task<> hello() { co_await client.get("/hello"); }
};
KATYDID_USER(MixedUser).wait_time(constant(20ms)).task<&MixedUser::hello>();
