// One request, again and again, without a wait: what a generator costs.
//   katydid -f examples/hello.cpp --master-host HOST
#include <katydid/katydid.hpp>

using namespace katydid;

struct HelloUser : HttpUser {
  task<> hello() { co_await client.get("/hello"); }
};

KATYDID_USER(HelloUser).task<&HelloUser::hello>();
