// The users of the fault lab; users.py and coroutines.py have the same, and master.py their names.
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

template <class Base>
struct Visitor : Base {
  using Base::client;
  task<> read() { co_await client.get("/hello"); }
  task<> write() { co_await client.post("/echo", "a few words"); }
  task<> wait() { co_await client.get("/delay/40"); }
};
struct CurlUser : Visitor<HttpUser> {};
struct FastUser : Visitor<FastHttpUser> {};
KATYDID_USER(CurlUser)
    .wait_time(constant(50ms))
    .task<&CurlUser::read>(3)
    .task<&CurlUser::write>(3)
    .task<&CurlUser::wait>();
KATYDID_USER(FastUser)
    .wait_time(constant(50ms))
    .task<&FastUser::read>(3)
    .task<&FastUser::write>(3)
    .task<&FastUser::wait>();
