// Locust's examples/debugging_advanced.py: two users, to be watched one after the other.
//   for user in User1 User2; do katydid -f examples/locust/debugging_advanced.cpp --run-single-user $user -t 2s; done
#include <katydid/katydid.hpp>

using namespace katydid;

struct User1 : HttpUser {
  task<> hello_world() {
    auto response = co_await client.get("/hello1", {.catch_response = true});
    throw StopUser();
  }
};
KATYDID_USER(User1).host("http://localhost").task<&User1::hello_world>();

struct User2 : HttpUser {
  task<> hello_world() {
    auto response = co_await client.get("/hello2", {.catch_response = true});
    throw StopUser();
  }
};
KATYDID_USER(User2).host("http://localhost").task<&User2::hello_world>();
