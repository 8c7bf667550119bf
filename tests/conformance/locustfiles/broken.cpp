// Does not compile, and the message has to say where.
#include <katydid/katydid.hpp>

using namespace katydid;

struct BrokenUser : HttpUser {
  task<> hello() { co_await clientt.get("/hello"); }
};
KATYDID_USER(BrokenUser).task<&BrokenUser::hello>();
