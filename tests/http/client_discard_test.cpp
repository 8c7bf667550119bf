// Bodies that are counted and not kept.
#include "tests/http/http_client_harness.hpp"
#include "tests/support/raw_server.hpp"

#include <string>
#include <string_view>

using namespace katydid;

namespace {

template <class Shard>
Response discarded(Shard& shard, std::string_view path) {
  return ask(shard, [&](auto& client) { return client.get(path, {.discard_body = true}); });
}

}  // namespace

TEST_CASE_TEMPLATE("a discarded body is counted to the byte, and its connection serves on", Shard, KATYDID_SHARDS) {
  for (const bool secure : {false, true}) {
    CAPTURE(secure);
    target::Target target({.tls = target::TlsOptions{}});
    Shard shard(ClientOptions{.base_url = secure ? target.tls_url() : target.url(), .verify = false});
    for (const std::string_view path : {"/bytes/", "/chunked/"}) {
      for (const std::uint64_t size : {0, 1, 1000, 65'535, 65'536, 65'537, 200'000, 3'000'000}) {
        CAPTURE(path);
        CAPTURE(size);
        const auto url = std::string(path) + std::to_string(size);
        const auto dropped = discarded(shard, url);
        CHECK(dropped.ok());
        CHECK(dropped.body().empty());
        CHECK(dropped.length() == size);
        CHECK(shard.recorded().length == size);
        const auto kept = get(shard, url);
        CHECK(kept.body().size() == size);
        CHECK(kept.length() == size);
        CHECK(kept.error().empty());
        shard.recorded();
      }
    }
    CHECK(target.counts().connections == 1);
  }
}

TEST_CASE_TEMPLATE("what is in the way of a discarded body is still seen", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  CHECK(discarded(shard, "/redirect/2").length() == 54);
  CHECK(discarded(shard, "/status/500").error() ==
        "HTTPError('500 Server Error: Internal Server Error for url: /status/500')");
  const RawServer breaks_off([](int fd) {
    RawServer::read_head(fd);
    RawServer::write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + std::string(300'000, 'x'));
  });
  const auto cut = discarded(shard, breaks_off.url());
  CHECK(cut.status() == 0);
  CHECK(cut.length() == 0);
  CHECK_FALSE(cut.error().empty());
  CHECK(discarded(shard, "/hello").length() == 54);
  // As it was sent: nobody needs it decoded.
  const auto packed = get(shard, "/gzip/100000");
  const auto dropped = discarded(shard, "/gzip/100000");
  CHECK(packed.body().size() == 100'000);
  CHECK(dropped.ok());
  CHECK(std::to_string(dropped.length()) == dropped.header("Content-Length"));
}

TEST_CASE_TEMPLATE("a discarded body may be larger than what may be kept", Shard, KATYDID_SHARDS) {
  Shard shard(ClientOptions{.base_url = test_target().url(), .max_body = 10'000});
  CHECK(discarded(shard, "/bytes/300000").length() == 300'000);
  CHECK(discarded(shard, "/chunked/300000").length() == 300'000);
  CHECK(get(shard, "/bytes/300000").error().starts_with("BodyTooLarge"));
}

TEST_CASE_TEMPLATE("what a server sends behind a discarded body is not taken for the next answer", Shard,
                   KATYDID_FAST_SHARDS) {
  int connections = 0;
  const std::string body(200'000, 'x');
  {
    const RawServer server([&](int fd) {
      ++connections;
      while (!RawServer::read_head(fd).empty()) {
        RawServer::write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + body + "HTTP/1.1 500 Oops\r\n\r\n");
      }
    });
    Shard shard(server.url());
    for (int i = 0; i < 3; ++i) {
      const auto response = discarded(shard, "/");
      CHECK(response.status() == 200);
      CHECK(response.length() == 200'000);
    }
  }
  CHECK(connections == 3);
}
