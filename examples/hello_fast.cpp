// The same as hello.cpp on the fast client: the base class is all that differs.
//   katydid -f examples/hello_fast.cpp --master-host HOST
#include <katydid/katydid.hpp>

using namespace katydid;

struct HelloUser : FastHttpUser {
  task<> hello() { co_await client.get("/hello"); }
};

KATYDID_USER(HelloUser).task<&HelloUser::hello>();
