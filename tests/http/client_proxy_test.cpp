#include "http/error_text.hpp"
#include "http/proxy.hpp"
#include "tests/http/http_client_harness.hpp"
#include "tests/support/raw_server.hpp"

#include <unistd.h>

#include <mutex>
#include <string>
#include <vector>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

/// A proxy that opens tunnels, one after another, and keeps what it was asked.
class TunnelProxy {
 public:
  std::string url(std::string_view credentials = "") const {
    return "http://" + std::string(credentials) + "127.0.0.1:" + std::to_string(server_.port());
  }
  std::vector<std::string> asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  void talk(int fd) {
    const auto head = RawServer::read_head(fd);
    {
      const std::lock_guard lock(mutex_);
      asked_.push_back(head);
    }
    if (!head.starts_with("CONNECT 127.0.0.1:")) return;
    const int onward = RawServer::connect(static_cast<std::uint16_t>(std::stoi(head.substr(head.find(':') + 1))));
    RawServer::write(fd, "HTTP/1.1 200 Connection established\r\nContent-Length: 5\r\nX-Proxy: 1\r\n\r\n");
    RawServer::relay(fd, onward);
    ::close(onward);
  }

  std::mutex mutex_;
  std::vector<std::string> asked_;
  RawServer server_{[this](int fd) { talk(fd); }};
};

/// A proxy that answers CONNECT with these bytes and closes.
RawServer answering(std::string answer) {
  return RawServer([answer](int fd) {
    RawServer::read_head(fd);
    RawServer::write(fd, answer);
  });
}

template <class Shard>
std::string tunnel_error(std::string answer) {
  RawServer proxy = answering(std::move(answer));
  Shard shard(ClientOptions{.base_url = "https://host.invalid", .proxy = proxy.url()});
  const auto response = get(shard, "/x");
  CHECK(response.status() == 0);
  CHECK(shard.recorded().error == response.error());
  std::string text(response.error());
  const auto place = " (host.invalid:443 through proxy " + proxy.url() + ")";
  if (text.ends_with(place)) text.resize(text.size() - place.size());
  return text;
}

}  // namespace

TEST_CASE_TEMPLATE("HTTPS goes through one tunnel, request after request", Shard, KATYDID_SHARDS) {
  TunnelProxy proxy;
  Shard shard(ClientOptions{.base_url = test_target().tls_url(), .verify = false, .proxy = proxy.url("ann:a%40b@")});
  for (int i = 0; i < 3; ++i) {
    const auto response = get(shard, "/echo");
    CHECK(response.error() == "");
    CHECK(response.header("X-Proxy").empty());
    CHECK(response.json()["target"].as_string() == "/echo");
    CHECK(echoed(response.json(), "Proxy-Authorization").empty());
    CHECK(shard.recorded().error.empty());
  }
  const auto asked = proxy.asked();
  REQUIRE(asked.size() == 1);
  const auto place = test_target().tls_url().substr(8);
  CHECK(asked[0].starts_with("CONNECT " + place + " HTTP/1.1\r\nHost: " + place + "\r\n"));
  CHECK(asked[0].find("\r\nProxy-Authorization: Basic YW5uOmFAYg==\r\n") != std::string::npos);
}

TEST_CASE_TEMPLATE("a proxy forwards plain requests, with its credentials and the whole URL", Shard, KATYDID_SHARDS) {
  const auto proxy = "http://ann:secret@" + test_target().url().substr(7);
  Shard shard(ClientOptions{.base_url = "http://nowhere.invalid:81", .proxy = proxy});
  const auto echo = ask(shard, [](auto& client) { return client.post("/echo?a=1", "body"); }).json();
  CHECK(echo["target"].as_string() == "http://nowhere.invalid:81/echo?a=1");
  CHECK(echo["body"].as_string() == "body");
  CHECK(echoed(echo, "Host") == "nowhere.invalid:81");
  CHECK(echoed(echo, "Proxy-Authorization") == "Basic YW5uOnNlY3JldA==");
  CHECK(shard.recorded().name == "/echo?a=1");
  CHECK(get(shard, "http://elsewhere.invalid/echo").json()["target"].as_string() == "http://elsewhere.invalid/echo");
}

TEST_CASE_TEMPLATE("a request may have a proxy of its own, or none", Shard, KATYDID_SHARDS) {
  const auto through = [](Shard& shard, std::string_view proxy) {
    return ask(shard, [&](auto& client) { return client.get("/echo", {.proxy = proxy}); });
  };
  Shard shard(test_target().url());
  const auto whole = test_target().url("/echo");
  CHECK(get(shard, "/echo").json()["target"].as_string() == "/echo");
  CHECK(through(shard, test_target().url()).json()["target"].as_string() == whole);
  CHECK(get(shard, "/echo").json()["target"].as_string() == "/echo");
  shard.user.client.options().proxy = "http://127.0.0.1:1";
  CHECK(through(shard, no_proxy).json()["target"].as_string() == "/echo");
  CHECK(through(shard, test_target().url()).json()["target"].as_string() == whole);
  CHECK_FALSE(get(shard, "/echo").ok());
}

TEST_CASE_TEMPLATE("redirects go on through the proxy", Shard, KATYDID_SHARDS) {
  TunnelProxy tunnels;
  Shard shard(ClientOptions{.base_url = test_target().tls_url(), .verify = false, .proxy = tunnels.url()});
  CHECK(get(shard, "/redirect-to?url=/hello").ok());
  CHECK(tunnels.asked().size() == 1);

  shard.user.client.options() = {.base_url = "http://nowhere.invalid", .proxy = test_target().url()};
  RawServer forwarder([](int fd) {
    const auto head = RawServer::read_head(fd);
    const bool first = head.starts_with("GET http://one.invalid/ ");
    const bool second = head.starts_with("GET http://two.invalid/next ");
    RawServer::write(fd, first ? "HTTP/1.1 302 Found\r\nLocation: http://two.invalid/next\r\nContent-Length: 0\r\n"
                                 "Connection: close\r\n\r\n"
                               : "HTTP/1.1 " + std::string(second ? "200" : "400") + " \r\nContent-Length: 0\r\n\r\n");
  });
  shard.user.client.options() = {.base_url = "http://one.invalid", .proxy = forwarder.url()};
  const auto response = get(shard, "/");
  CHECK(response.status() == 200);
  CHECK(response.redirects() == 1);
}

TEST_CASE_TEMPLATE("a proxy that opens no tunnel says why", Shard, KATYDID_SHARDS) {
  CHECK(tunnel_error<Shard>("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n") ==
        "ProxyError: the proxy refused a tunnel with 407 Proxy Authentication Required");
  CHECK(tunnel_error<Shard>("HTTP/1.0 502 Bad Gateway\r\n\r\n<html>") ==
        "ProxyError: the proxy refused a tunnel with 502 Bad Gateway");
}

TEST_CASE_TEMPLATE("a proxy whose answer makes no sense is told so", Shard, KATYDID_FAST_SHARDS) {
  CHECK(tunnel_error<Shard>("") == proxy_closed);
  CHECK(tunnel_error<Shard>("HTTP/1.1 200 OK\r\nX-P") == proxy_closed);
  CHECK(tunnel_error<Shard>("SSH-2.0-OpenSSH\r\n") == "ProxyError: the answer is not HTTP/1: 'SSH-2.0-OpenSSH'");
  CHECK(tunnel_error<Shard>("HTTP/1.1 200 OK\r\n\r\nmore") ==
        "ProxyError: the proxy sent more than its answer to CONNECT");
  CHECK(tunnel_error<Shard>("HTTP/1.1 200 OK\r\nX: " + std::string(2 << 20, 'x')) ==
        "ProxyError: the headers of the answer are too large");
}

TEST_CASE_TEMPLATE("CONNECT counts as connecting", Shard, KATYDID_FAST_SHARDS) {
  RawServer silent([](int fd) { RawServer::wait_for_close(fd); });
  Shard shard(ClientOptions{.base_url = "https://host.invalid", .connect_timeout = 50ms, .proxy = silent.url()});
  CHECK(get(shard, "/").error() ==
        "ConnectTimeout: no connection within 50 ms (host.invalid:443 through proxy " + silent.url() + ")");
  CHECK(shard.recorded().response_time >= 50ms);
}

TEST_CASE_TEMPLATE("connections through other proxies are others", Shard, KATYDID_FAST_SHARDS) {
  TunnelProxy proxy;
  Shard shard(ClientOptions{.base_url = test_target().tls_url(), .verify = false});
  const auto through = [&](std::string_view url) {
    return ask(shard, [&](auto& client) { return client.get("/hello", {.proxy = url}); }).error();
  };
  CHECK(through(no_proxy) == "");
  CHECK(proxy.asked().empty());
  CHECK(through(proxy.url()) == "");
  CHECK(through(no_proxy) == "");
  CHECK(proxy.asked().size() == 1);
}

TEST_CASE_TEMPLATE("a proxy that only HttpUser has is refused", Shard, KATYDID_FAST_SHARDS) {
  Shard shard(ClientOptions{.base_url = test_target().url(), .proxy = "socks5://ann:secret@127.0.0.1:1080"});
  CHECK(get(shard, "/").error() ==
        "InvalidProxy: only proxies with an http:// URL can be used here: socks5://127.0.0.1:1080");
  shard.user.client.options().proxy = "http://:80";
  CHECK(get(shard, "/").error() == "InvalidProxy: the proxy's URL has no valid host and port: http://:80");
}

TEST_CASE("a proxy's URL is taken apart") {
  const Proxy full("HTTP://ann%3A:p%40ss@[::1]:3128/");
  CHECK(full.host == "[::1]");
  CHECK(full.port == "3128");
  CHECK(full.user == "ann:");
  CHECK(full.password == "p@ss");
  CHECK(full.error.empty());
  const Proxy bare("proxy.example");
  CHECK(bare.host == "proxy.example");
  CHECK(bare.address().port_number() == 80);
  CHECK(through_proxy("a:1", "http://ann:secret@b:2") == "a:1 through proxy http://b:2");
}
