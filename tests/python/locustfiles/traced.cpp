// Requests for test_otel.py; traced.py has the same for asyncio and Trio.
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

template <class Kind>
struct Visitor : Kind {
  task<> visit() {
    co_await this->client.get("/hello?a=1", {.name = "/hello"});
    co_await this->client.post("/status/404", "text");
    auto answer = co_await this->client.get("/hops/1", {.catch_response = true});
    answer.failure("never good enough");
  }
};

struct Fast : Visitor<FastHttpUser> {};
KATYDID_USER(Fast).wait_time(constant(20ms)).task<&Fast::visit>();

struct Curl : Visitor<HttpUser> {};
KATYDID_USER(Curl).wait_time(constant(20ms)).task<&Curl::visit>();
