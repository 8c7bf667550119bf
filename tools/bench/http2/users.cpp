// Each has a hundred requests under way at once, over one HTTP/2 connection, as h2load -m100.
#include <katydid/katydid.hpp>

using namespace katydid;

struct Loader : BASE {
  Loader() {
    client.options().http_version = HttpVersion::http2;
    client.options().verify = false;
  }
  task<> load() {
    TaskGroup under_way(100);
    for (int n = 0; n < 10'000; ++n) co_await under_way.run(client.get("/hello"));
    co_await under_way.finished();
  }
};
KATYDID_USER(Loader).task<&Loader::load>();
