// Every kind of request with both clients of C++; KINDS_ENDING says how users end by themselves.
#include <katydid/katydid.hpp>

#include <cstdlib>
#include <string_view>

using namespace katydid;
using namespace std::chrono_literals;

template <class Base>
struct Kinds : Base {
  using Base::client;
  std::chrono::steady_clock::time_point born = std::chrono::steady_clock::now();
  const char* proxy = std::getenv("KINDS_PROXY");  // null where there is none

  task<> get() { co_await client.get("/delay/10"); }
  task<> params() { co_await client.get("/delay/11", {.params = {{"exact", "0"}}}); }
  task<> headers() { co_await client.get("/delay/12", {.headers = {{"X-Kind", "headers"}}}); }
  task<> json_body() { co_await client.post("/delay/13", json{{"a", 1}}); }
  task<> form() { co_await client.post("/delay/14", Form{{"a", "b c"}}); }
  task<> text() { co_await client.put("/delay/15", "text"); }
  task<> patch() { co_await client.patch("/delay/16", "text"); }
  task<> delete_it() { co_await client.delete_("/delay/17"); }
  task<> options() { co_await client.options("/delay/18"); }
  task<> head() { co_await client.head("/delay/19"); }
  task<> body_of_pieces() {
    co_await client.post("/delay/27", body_from([left = 3](std::span<char> room) mutable {
                           return left-- > 0 ? std::string_view("piece").copy(room.data(), room.size()) : 0;
                         }));
  }
  task<> two_redirects() { co_await client.get("/redirect/2"); }
  task<> slow_redirect() { co_await client.get("/redirect-to?url=/delay/21"); }
  task<> redirect_not_followed() { co_await client.get("/redirect-loop", {.allow_redirects = false}); }
  task<> basic() { co_await client.get("/basic-auth/ann/secret", {.auth = {"ann", "secret"}}); }
  task<> digest() { co_await client.get("/digest-auth/ann/secret", {.digest = {"ann", "secret"}}); }
  task<> gzip() { co_await client.get("/gzip/200"); }
  task<> chunked() { co_await client.get("/chunked/300"); }
  task<> cookie() { co_await client.get("/cookies/set?a=b"); }
  task<> failure() { co_await client.get("/status/500"); }
  task<> caught() {
    auto response = co_await client.get("/status/404", {.catch_response = true});
    response.success();
  }
  task<> judged_late() {
    auto response = co_await client.get("/delay/22", {.catch_response = true});
    co_await sleep(30ms);
    response.success();
  }
  task<> slow() { co_await client.get("/delay/500"); }
  task<> gone_connection() { co_await client.get("/keepalive/3"); }
  task<> several_at_once() { co_await all(client.get("/delay/23"), client.get("/delay/23"), client.get("/delay/23")); }
  task<> group() {
    TaskGroup two(2);
    for (int i = 0; i < 5; ++i) co_await two.run(client.get("/delay/28"));
    co_await two.finished();
  }
  task<> first_of_two() { co_await any(client.get("/delay/29"), client.get("/delay/29"), sleep(10s)); }
  task<> through_proxy() {
    if (proxy) co_await client.get("/delay/24", {.proxy = proxy});
  }
  task<> body_through_proxy() {
    if (proxy) co_await client.post("/delay/25", "text", {.proxy = proxy});
  }
  task<> through_tunnel() {
    if (proxy)
      co_await client.get(std::string(std::getenv("KINDS_TLS")) + "/delay/26", {.proxy = proxy, .verify = false});
  }
  task<> stream() {
    auto response = co_await client.get("/slow-body?bytes=512&chunk=64&interval_ms=5", {.stream = true});
    for (std::string_view piece = "any"; !piece.empty();) piece = co_await response.read();
  }
  task<> half_read() {
    auto response = co_await client.get("/bytes/300000", {.stream = true, .catch_response = true});
    co_await response.read(1000);
  }
  /// A user that ends itself, or the whole worker.
  task<> end() {
    const char* const ending = std::getenv("KINDS_ENDING");
    if (!ending || std::chrono::steady_clock::now() < born + 2s) co_return;
    if (ending == std::string_view("StopUser")) throw StopUser();
    if (ending == std::string_view("quit")) this->environment().quit();
  }
};

struct HttpKinds : Kinds<HttpUser> {};
struct FastKinds : Kinds<FastHttpUser> {};

#define TASKS(User)                         \
  .wait_time(constant(10ms))                \
      .task<&User::get>()                   \
      .task<&User::params>()                \
      .task<&User::headers>()               \
      .task<&User::json_body>()             \
      .task<&User::form>()                  \
      .task<&User::text>()                  \
      .task<&User::patch>()                 \
      .task<&User::delete_it>()             \
      .task<&User::options>()               \
      .task<&User::head>()                  \
      .task<&User::body_of_pieces>()        \
      .task<&User::two_redirects>()         \
      .task<&User::slow_redirect>()         \
      .task<&User::redirect_not_followed>() \
      .task<&User::basic>()                 \
      .task<&User::digest>()                \
      .task<&User::gzip>()                  \
      .task<&User::chunked>()               \
      .task<&User::cookie>()                \
      .task<&User::failure>()               \
      .task<&User::caught>()                \
      .task<&User::judged_late>()           \
      .task<&User::slow>()                  \
      .task<&User::gone_connection>()       \
      .task<&User::several_at_once>()       \
      .task<&User::group>()                 \
      .task<&User::first_of_two>()          \
      .task<&User::through_proxy>()         \
      .task<&User::body_through_proxy>()    \
      .task<&User::through_tunnel>()        \
      .task<&User::stream>()                \
      .task<&User::half_read>()             \
      .task<&User::end>()

KATYDID_USER(HttpKinds) TASKS(HttpKinds);
KATYDID_USER(FastKinds) TASKS(FastKinds);
