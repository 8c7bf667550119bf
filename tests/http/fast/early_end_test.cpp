// HTTP/1.1: servers that end an answer, a connection or both before the client would.
#include "tests/http/http_client_harness.hpp"
#include "tests/support/raw_server.hpp"
#include "tests/support/tls_server.hpp"

#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view fine = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine";

/// Answers one request over TLS by these bytes, and closes without a close_notify.
void answer_rudely(int fd, const TlsServer& server, std::string_view answer) {
  TlsServerConnection connection(server);
  char bytes[16'384];
  while (connection.received.find("\r\n\r\n") == std::string::npos) {
    const auto size = ::recv(fd, bytes, sizeof bytes, 0);
    if (size <= 0) return;
    connection.feed({bytes, static_cast<std::size_t>(size)});
    RawServer::write(fd, connection.take());
  }
  connection.write(answer);
  RawServer::write(fd, connection.take());
}

template <class Client>
task<> post_twice(Client& client, Response& second) {
  const Response first = co_await client.post("/", "one");
  CHECK(first.ok());
  std::this_thread::sleep_for(200ms);  // as a user who computes, while the server closes the connection
  second = co_await client.post("/", "two");
}

}  // namespace

TEST_CASE_TEMPLATE("a refusal before all of a large body is sent costs the next request nothing", Shard,
                   KATYDID_SHARDS) {
  RawServer server(
      [](int fd) {
        const bool large = RawServer::read_head(fd).starts_with("POST");
        RawServer::write(fd, large ? "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n" : fine);
        RawServer::wait_for_close(fd);  // it reads nothing more of the body
      },
      RawServer::Serving::at_once);
  Shard shard(server.url());
  const std::string body(20'000'000, 'x');
  const auto refused = ask(shard, [&](auto& client) { return client.post("/", Body(body)); });
  CHECK_MESSAGE(refused.status() == 413, refused.error());
  const RequestOptions options{.timeout = 3s};
  const auto next = ask(shard, [&](auto& client) { return client.get("/", options); });
  CHECK_MESSAGE(next.status() == 200, next.error());
}

TEST_CASE_TEMPLATE("a POST goes over no connection that the server has closed while its user held the loop", Shard,
                   KATYDID_SHARDS) {
  RawServer server(
      [](int fd) {
        RawServer::read_head(fd);
        RawServer::write(fd, fine);
      },
      RawServer::Serving::at_once);
  Shard shard(server.url());
  Response second;
  shard.run(post_twice(shard.user.client, second));
  CHECK_MESSAGE(second.status() == 200, second.error());
  CHECK(shard.recorder.samples.size() == 2);
}

TEST_CASE_TEMPLATE("a POST whose kept connection breaks without an answer is not sent twice, and a GET is", Shard,
                   KATYDID_SHARDS) {
  std::atomic<int> requests = 0;
  RawServer server([&](int fd) {
    for (bool answers = true; !RawServer::read_head(fd).empty(); answers = false) {
      ++requests;
      if (!answers) return;
      RawServer::write(fd, fine);
    }
  });
  for (const std::string_view method : {"POST", "GET"}) {
    CAPTURE(method);
    Shard shard(server.url());
    requests = 0;
    CHECK(get(shard, "/").ok());
    const auto response = ask(shard, [&](auto& client) { return client.request(method, "/", Body()); });
    CHECK(response.ok() == (method == "GET"));
    if (!response.ok()) {
      CHECK(response.error().starts_with("RemoteDisconnected: the server closed the connection without an answer"));
    }
    CHECK(requests == (method == "GET" ? 3 : 2));
  }
}

TEST_CASE_TEMPLATE("over TLS, a body without a length may end without a close_notify", Shard, KATYDID_SHARDS) {
  const TestCertificate certificate("127.0.0.1");
  const TlsServer tls(certificate);
  const auto answer_of = [&](std::string_view answer) {
    RawServer server([&](int fd) { answer_rudely(fd, tls, answer); });
    Shard shard(ClientOptions{.base_url = "https://127.0.0.1:" + std::to_string(server.port()), .verify = false});
    return get(shard, "/");
  };
  const auto whole = answer_of("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it");
  CHECK_MESSAGE(whole.body() == "all of it", whole.error());
  CHECK_FALSE(answer_of("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nnot all of it").ok());
}

TEST_CASE_TEMPLATE("a strict client wants a close_notify there", Shard, KATYDID_FAST_SHARDS) {
  const TestCertificate certificate("127.0.0.1");
  const TlsServer tls(certificate);
  RawServer server([&](int fd) { answer_rudely(fd, tls, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it"); });
  ClientOptions options{.base_url = "https://127.0.0.1:" + std::to_string(server.port()), .strict = true};
  options.verify = false;
  Shard shard(options);
  CHECK(get(shard, "/").error().find("without a TLS close_notify") != std::string::npos);
}
