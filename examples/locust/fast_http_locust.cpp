// Locust's examples/fast_http_locust.py.
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct WebsiteUser : FastHttpUser {
  // Some things that you can set on a FastHttpUser:
  //   WebsiteUser() { client.options().max_redirects = 5; }   timeout, connect_timeout, verify, proxy, …
  task<> index() { co_await client.get("/"); }
  task<> stats() { co_await client.get("/stats/requests"); }
};
KATYDID_USER(WebsiteUser).host("http://127.0.0.1:8089").task<&WebsiteUser::index>().task<&WebsiteUser::stats>();
