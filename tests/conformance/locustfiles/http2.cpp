// Users whose requests share HTTP/2 connections.
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct Http2User : FastHttpUser {
  Http2User() {
    client.options().http_version = HttpVersion::http2;
    client.options().verify = false;
  }
  task<> page() {
    TaskGroup browser(6);
    for (int n = 1; n <= 10; ++n) co_await browser.run(client.get("/delay/" + std::to_string(n), {.name = "image"}));
    co_await browser.finished();
    co_await all(client.get("/hello"), client.get("/delay/5"), client.post("/upload", std::string(20'000, 'x')));
  }
};
KATYDID_USER(Http2User).wait_time(constant(10ms)).task<&Http2User::page>();
