// Requests whose first byte comes late, and is where response.phases() says.
#include <katydid/katydid.hpp>

#include <chrono>

using namespace katydid;
using namespace std::chrono_literals;

template <class Kind>
struct Visitor : Kind {
  task<> visit() {
    const auto response = co_await this->client.get("/slow-body?bytes=4&chunk=2&interval_ms=60", {.name = "/slow"});
    if (response.phases().first_byte + 50ms > response.elapsed()) throw std::logic_error("the first byte came late");
    co_await this->client.get("/delay/40", {.name = "/late"});
    co_await this->client.get("/status/404", {.name = "/wrong", .discard_body = true});
  }
};

struct Fast : Visitor<FastHttpUser> {};
KATYDID_USER(Fast).task<&Fast::visit>();

struct Curl : Visitor<HttpUser> {};
KATYDID_USER(Curl).task<&Curl::visit>();
