// The ways to a server: TLS, and a proxy's tunnel.
#include "tests/support/temporary_file.hpp"
#include "tests/support/tls_server.hpp"
#include "tests/websocket/websocket_harness.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mutex>
#include <string>
#include <vector>

using namespace katydid;

namespace {

/// Speaks TLS on one side, and passes what is said on to a server that does not.
void unwrap_tls(int fd, const TlsServer& settings, std::uint16_t onward) {
  TlsServerConnection tls(settings);
  const int server = RawServer::connect(onward);
  char bytes[65536];
  const auto talk = [&](int socket) { return ::recv(socket, bytes, sizeof bytes, MSG_DONTWAIT); };
  for (bool open = true; open;) {
    if (const auto size = talk(fd); size >= 0) {
      open = size > 0;
      tls.feed(std::string_view(bytes, static_cast<std::size_t>(size)));
      RawServer::write(fd, tls.take());
      RawServer::write(server, tls.received);
      tls.received.clear();
    }
    if (const auto size = talk(server); size >= 0) {
      open = open && size > 0;
      tls.write(std::string_view(bytes, static_cast<std::size_t>(size)));
      RawServer::write(fd, tls.take());
    }
    ::usleep(200);
  }
  ::close(server);
}

std::uint16_t port_of(const std::string& url) {
  return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
}

template <class Shard>
void talk(Shard& shard) {
  shard.run([](WebSocketClient& ws) -> task<> {
    WebSocket socket = co_await ws.connect("/chat");
    for (std::size_t size : {5, 100'000}) {
      const std::string text(size, 'x');
      const auto answer = co_await socket.ask(text);
      CHECK(answer.data == text);
    }
    co_await socket.close();
  }(shard.ws));
  CHECK(shard.entries() == std::vector<std::string>{"WS /chat", "WSC /chat", "WSC /chat", "WS /chat close 1000"});
}

/// A proxy that opens tunnels, and what it was asked for.
struct TunnelProxy {
  std::string url() const { return "http://ann:secret@127.0.0.1:" + std::to_string(server.port()); }
  std::vector<std::string> asked;
  std::mutex mutex;
  RawServer server{[this](int fd) {
    const auto head = RawServer::read_head(fd);
    {
      const std::lock_guard lock(mutex);
      asked.push_back(head);
    }
    const int onward = RawServer::connect(port_of(head.substr(0, head.find(" HTTP/"))));
    RawServer::write(fd, "HTTP/1.1 200 Connection established\r\n\r\n");
    RawServer::relay(fd, onward);
    ::close(onward);
  }};
};

}  // namespace

TEST_CASE_TEMPLATE("wss: the certificate counts, and messages go through", Shard, KATYDID_WEBSOCKET_SHARDS) {
  const TestCertificate certificate("localhost", {.subject_alt_name = "IP:127.0.0.1"});
  const TemporaryFile authority(certificate.certificate_pem);
  const TlsServer settings(certificate);
  RawWebSocketServer server(RawWebSocketServer::echo);
  RawServer tls([&](int fd) { unwrap_tls(fd, settings, port_of(server.url())); });
  const std::string url = "wss://127.0.0.1:" + std::to_string(tls.port());
  Shard shard(ClientOptions{.base_url = url, .ca_file = authority.path()});
  talk(shard);
  Shard distrustful(ClientOptions{.base_url = url});
  CHECK(
      distrustful
          .error_of([](WebSocketClient& ws) -> task<> { WebSocket socket = co_await ws.connect("/"); }(distrustful.ws))
          .starts_with("SSLError: certificate verify failed"));
}

TEST_CASE_TEMPLATE("through a proxy's tunnel, with TLS and without", Shard, KATYDID_WEBSOCKET_SHARDS) {
  const TestCertificate certificate("localhost", {.subject_alt_name = "IP:127.0.0.1"});
  const TlsServer settings(certificate);
  RawWebSocketServer server(RawWebSocketServer::echo);
  RawServer tls([&](int fd) { unwrap_tls(fd, settings, port_of(server.url())); });
  TunnelProxy proxy;
  Shard plain(ClientOptions{.base_url = server.url(), .proxy = proxy.url()});
  talk(plain);
  const std::string url = "wss://127.0.0.1:" + std::to_string(tls.port());
  Shard secure(ClientOptions{.base_url = url, .verify = false, .proxy = proxy.url()});
  talk(secure);
  REQUIRE(proxy.asked.size() == 2);
  for (const std::string& asked : proxy.asked) {
    CHECK(asked.starts_with("CONNECT 127.0.0.1:"));
    CHECK(asked.find("\r\nProxy-Authorization: Basic ") != std::string::npos);
  }
  CHECK(server.heads()[0].find("Proxy-Authorization") == std::string::npos);

  RawServer refusing([](int fd) {
    RawServer::read_head(fd);
    RawServer::write(fd, "HTTP/1.1 403 Forbidden\r\n\r\n");
  });
  Shard refused(ClientOptions{.base_url = "ws://host.invalid", .proxy = refusing.url()});
  CHECK(refused.error_of([](WebSocketClient& ws) -> task<> { WebSocket socket = co_await ws.connect("/"); }(refused.ws))
            .starts_with("ProxyError: the proxy refused a tunnel with 403 Forbidden (host.invalid:80 through proxy "));
}
