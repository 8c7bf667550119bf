// What tools/libcurl has libcurl do under the compiler's eyes before it builds it for good: requests as load tests make
// them, in the clear and, from every fourth user, by TLS.
#include <katydid/katydid.hpp>

#include <atomic>
#include <cstdlib>

using namespace katydid;

std::atomic<int> users{0};

struct Visitor : HttpUser {
  task<> on_start() override {
    if (++users % 4 == 0) {
      client.options().base_url = std::getenv("TLS_TARGET");
      client.options().verify = false;
    }
    co_await client.get("/cookies/set?session=5d3e1c07a2&Path=/&HttpOnly");
  }

  task<> page() { co_await client.get("/hello"); }
  task<> document() { co_await client.get("/bytes/65536"); }
  task<> stream() { co_await client.get("/chunked/20000"); }
  task<> compressed() { co_await client.get("/gzip/20000"); }
  task<> moved() { co_await client.get("/redirect/1"); }
  task<> login() { co_await client.post("/echo", Form{{"user", "ann"}, {"password", "secret"}}); }
  task<> buy() { co_await client.post("/echo", json{{"item", 42}, {"count", 1}}); }
};

KATYDID_USER(Visitor)
    .task<&Visitor::page>(12)
    .task<&Visitor::document>(1)
    .task<&Visitor::stream>(1)
    .task<&Visitor::compressed>(1)
    .task<&Visitor::moved>(1)
    .task<&Visitor::login>(2)
    .task<&Visitor::buy>(2);
