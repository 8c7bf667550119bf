// Locust's examples/debugging.py: one user, to be watched.
//   katydid -f examples/locust/debugging.cpp --run-single-user QuickstartUser
//   gdb --args katydid --debug -f examples/locust/debugging.cpp --run-single-user QuickstartUser
#include <katydid/katydid.hpp>

using namespace katydid;

struct QuickstartUser : HttpUser {
  task<> hello_world() {
    auto response = co_await client.get("/hello", {.catch_response = true});
    // A breakpoint here shows the response.
    if (response.text().empty()) response.failure("nothing came");
  }
};
KATYDID_USER(QuickstartUser).host("http://localhost").task<&QuickstartUser::hello_world>();
