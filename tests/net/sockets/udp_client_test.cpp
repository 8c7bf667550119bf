#include "net/sockets/udp_client.hpp"

#include "net/resolver.hpp"
#include "net/tls_context.hpp"
#include "tests/net/net_harness.hpp"
#include "tests/support/raw_server.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

/// Sends each datagram back, until one says "stop"; "silence" gets no answer.
class EchoServer {
 public:
  EchoServer() : socket_(::socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~EchoServer() {
    sockaddr_in self{};
    self.sin_family = AF_INET;
    self.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    self.sin_port = htons(port);
    ::sendto(socket_, "stop", 4, 0, reinterpret_cast<sockaddr*>(&self), sizeof self);
    thread_.join();
    ::close(socket_);
  }
  std::uint16_t port = 0;

 private:
  void serve() {
    char bytes[65536];
    for (;;) {
      sockaddr_storage from{};
      socklen_t size = sizeof from;
      const auto count = ::recvfrom(socket_, bytes, sizeof bytes, 0, reinterpret_cast<sockaddr*>(&from), &size);
      const std::string_view datagram(bytes, static_cast<std::size_t>(count < 0 ? 0 : count));
      if (count < 0 || datagram == "stop") return;
      if (datagram != "silence") {
        ::sendto(socket_, bytes, datagram.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
      }
    }
  }
  int socket_;
  std::thread thread_;
};

}  // namespace

TEST_CASE("UdpClient sends and receives datagrams, and says what went wrong") {
  on_every_loop([](Loop& loop) {
    EchoServer server;
    ClosedPort closed;  // of TCP; nobody listens there with UDP either, as a rule
    Resolver resolver(loop);
    TlsContexts contexts;
    TestContext context(loop);
    UdpClient client({.loop = &loop, .resolver = &resolver, .tls_contexts = &contexts});
    const auto body = [](UdpClient& c, std::uint16_t port, std::uint16_t nobody, Context& user) -> task<> {
      CHECK_THROWS_WITH(co_await c.send("x"), "NotConnected: connect() comes first");
      co_await c.connect("localhost", port);
      for (const std::size_t size : {5, 0, 60'000}) {
        co_await c.send(std::string(size, 'x'));
        const auto answer = co_await c.receive(5s);
        CHECK(answer == std::string(size, 'x'));
      }
      co_await c.send("silence");
      const std::string late = "Timeout: no answer within 20 ms (localhost:" + std::to_string(port) + ")";
      CHECK_THROWS_WITH(co_await c.receive(20ms), late.c_str());
      CHECK(user.requests_in_flight == 0);
      const std::string too_long = "OSError: [Errno 90] Message too long (localhost:" + std::to_string(port) + ")";
      CHECK_THROWS_WITH(co_await c.send(std::string(70'000, 'x')), too_long.c_str());
      CHECK_THROWS_WITH(co_await c.connect("nosuch.invalid", 1),
                        "NameResolutionError: cannot resolve host 'nosuch.invalid'");
      co_await c.connect("127.0.0.1", nobody);
      co_await c.send("x");
      const std::string refused =
          "ConnectionRefusedError: [Errno 111] Connection refused (127.0.0.1:" + std::to_string(nobody) + ")";
      CHECK_THROWS_WITH(co_await c.receive(5s), refused.c_str());
    };
    auto work = body(client, server.port, closed.port(), context);
    work.start(context);
    turn_until(loop, [&] { return work.done(); });
    work.result();
  });
}

TEST_CASE("a user that waits for a datagram may be cancelled") {
  on_every_loop([](Loop& loop) {
    EchoServer server;
    Resolver resolver(loop);
    TlsContexts contexts;
    TestContext context(loop);
    UdpClient client({.loop = &loop, .resolver = &resolver, .tls_contexts = &contexts});
    const auto body = [](UdpClient& c, std::uint16_t port) -> task<> {
      co_await c.connect("127.0.0.1", port);
      co_await c.receive(1h);
    };
    {
      auto work = body(client, server.port);
      work.start(context);
      turn_until(loop, [&] { return context.requests_in_flight == 1; });
    }
    CHECK(context.requests_in_flight == 0);
    loop.poll();
  });
}
