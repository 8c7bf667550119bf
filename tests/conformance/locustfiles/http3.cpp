// Users who ask by HTTP/3.
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct ByHttp3 : HttpUser {
  ByHttp3() {
    client.options().http_version = HttpVersion::http3;
    client.options().verify = false;
  }
};

struct Http3User : ByHttp3 {
  task<> page() {
    TaskGroup browser(4);
    for (int n = 1; n <= 6; ++n) co_await browser.run(client.get("/delay/" + std::to_string(n), {.name = "image"}));
    co_await browser.finished();
    co_await client.get("/bytes/30000", {.name = "bytes"});
    co_await client.head("/hello");
    co_await client.post("/upload", std::string(20'000, 'x'));
  }
};
KATYDID_USER(Http3User).wait_time(constant(10ms)).task<&Http3User::page>();

struct UnluckyUser : ByHttp3 {
  task<> page() {
    co_await client.get("/hello");
    co_await client.get("/reset");
    co_await client.get("/to?http://127.0.0.1:1/", {.name = "to http"});
    co_await client.get("/close");
  }
};
KATYDID_USER(UnluckyUser).wait_time(constant(10ms)).task<&UnluckyUser::page>();
