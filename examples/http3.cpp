// A browser's way to ask by HTTP/3: some requests at once over one QUIC connection. libcurl has to have it.
//   katydid -f examples/http3.cpp --headless -u 4 -t 10s --host https://127.0.0.1:8443
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct Visitor : HttpUser {
  Visitor() {
    client.options().http_version = HttpVersion::http3;
    client.options().verify = false;  // for a test's own certificate
  }

  task<> page() {
    co_await client.get("/hello", {.name = "page"});
    TaskGroup images(6);
    for (int n = 1; n <= 12; ++n)
      co_await images.run(client.get("/bytes/" + std::to_string(100 * n), {.name = "image"}));
    co_await images.finished();
  }
};

KATYDID_USER(Visitor).wait_time(between(10ms, 50ms)).task<&Visitor::page>();
