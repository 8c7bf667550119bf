#include "net/sockets/tcp_client.hpp"

#include "net/resolver.hpp"
#include "net/several.hpp"
#include "net/sleep.hpp"
#include "net/tls_context.hpp"
#include "tests/net/net_harness.hpp"
#include "tests/support/raw_server.hpp"
#include "tests/support/temporary_file.hpp"
#include "tests/support/tls_server.hpp"

#include <sys/socket.h>

#include <atomic>
#include <string>
#include <thread>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

/// A user with a client.
struct Fixture {
  explicit Fixture(Loop& l) : loop(l), resolver(l, {.overrides = &overrides}), context(l) {}
  Network network() { return {.loop = &loop, .resolver = &resolver, .tls_contexts = &tls_contexts}; }
  template <class T>
  T run(task<T> work) {
    work.start(context);
    turn_until(loop, [&] { return work.done(); });
    CHECK(context.requests_in_flight == 0);
    return work.result();
  }
  /// What is thrown; "" when nothing is.
  std::string error_of(task<> work) {
    try {
      run(std::move(work));
    } catch (const SocketError& error) {
      return error.what();
    }
    return "";
  }
  Loop& loop;
  HostOverrides overrides;
  Resolver resolver;
  TlsContexts tls_contexts;
  TestContext context;
  TcpClient client{network()};
};

void echo(int fd) {
  char bytes[65536];
  for (;;) {
    const auto size = ::recv(fd, bytes, sizeof bytes, 0);
    if (size <= 0) return;
    RawServer::write(fd, std::string_view(bytes, static_cast<std::size_t>(size)));
  }
}

void echo_tls(int fd, const TlsServer& settings) {
  TlsServerConnection tls(settings);
  char bytes[65536];
  for (;;) {
    const auto size = ::recv(fd, bytes, sizeof bytes, 0);
    if (size <= 0) return;
    tls.feed(std::string_view(bytes, static_cast<std::size_t>(size)));
    if (!tls.received.empty()) tls.write(std::exchange(tls.received, {}));
    RawServer::write(fd, tls.take());
  }
}

std::string where(std::uint16_t port) { return "(127.0.0.1:" + std::to_string(port) + ")"; }

}  // namespace

TEST_CASE("TcpClient reads lines, sizes and what has come") {
  on_every_loop([](Loop& loop) {
    RawServer server(echo);
    Fixture user(loop);
    const auto body = [](TcpClient& client, std::uint16_t port) -> task<> {
      CHECK_FALSE(client.is_open());
      co_await client.connect("localhost", port);
      CHECK(client.is_open());
      co_await client.write("one\r\ntwo\r\nthree");
      {
        const std::string got = co_await client.read_until("\r\n");
        CHECK(got == "one");
      }
      {
        const std::string got = co_await client.read_until("\n");
        CHECK(got == "two\r");
      }
      {
        const std::string got = co_await client.read_exactly(3);
        CHECK(got == "thr");
      }
      {
        const std::string got = co_await client.read();
        CHECK(got == "ee");
      }
      co_await client.write("\r");
      co_await sleep(5ms);
      co_await client.write("\nx");
      {
        const std::string got = co_await client.read_until("\r\n");
        CHECK(got == "");
      }
      {
        const std::string got = co_await client.read_exactly(0);
        CHECK(got == "");
      }
      {
        const std::string got = co_await client.read(1);
        CHECK(got == "x");
      }
      client.close();
      CHECK_FALSE(client.is_open());
      co_await client.connect("127.0.0.1", port);  // again
      co_await client.write("x");
      {
        const std::string got = co_await client.read();
        CHECK(got == "x");
      }
    };
    user.run(body(user.client, server.port()));
  });
}

TEST_CASE("TcpClient sends and receives at once, however much, and holds the peer back") {
  on_every_loop([](Loop& loop) {
    RawServer server(echo);
    Fixture user(loop);
    const auto send = [](TcpClient& client) -> task<> {
      for (int i = 0; i < 64; ++i) co_await client.write(std::string(64 * 1024, static_cast<char>('a' + i % 26)));
    };
    const auto receive = [](TcpClient& client) -> task<> {
      co_await sleep(30ms);  // much is there by then
      for (int i = 0; i < 64; ++i) {
        const auto piece = co_await client.read_exactly(64 * 1024);
        CHECK(piece == std::string(64 * 1024, static_cast<char>('a' + i % 26)));
      }
    };
    const auto body = [](TcpClient& client, std::uint16_t port, auto sends, auto receives) -> task<> {
      co_await client.connect("127.0.0.1", port);
      co_await all(sends(client), receives(client));
      co_await client.write("end");
      {
        const std::string got = co_await client.read();
        CHECK(got == "end");
      }
      // More than it holds unread on its own.
      co_await all(client.write(std::string(2 << 20, 'x')), client.read_exactly(2 << 20));
    };
    user.run(body(user.client, server.port(), send, receive));
  });
}

TEST_CASE("TcpClient says what went wrong, and where") {
  on_every_loop([](Loop& loop) {
    ClosedPort closed;
    Fixture user(loop);
    CHECK(user.error_of(user.client.connect("127.0.0.1", closed.port())) ==
          "ConnectionRefusedError: [Errno 111] Connection refused " + where(closed.port()));
    CHECK(user.error_of(user.client.connect("nosuch.invalid", 1)) ==
          "NameResolutionError: cannot resolve host 'nosuch.invalid'");
    CHECK_THROWS_AS((void)user.client.read(), SocketError);  // there is no connection

    RawServer silent(RawServer::wait_for_close);
    const auto late = [](TcpClient& client, std::uint16_t port) -> task<> {
      co_await client.connect("127.0.0.1", port, {.timeout = 30ms});
      co_await client.read_until("\n");
    };
    CHECK(user.error_of(late(user.client, silent.port())) == "Timeout: no answer within 30 ms " + where(silent.port()));
    CHECK(user.client.is_open());

    RawServer brief([](int fd) { RawServer::write(fd, "half a line"); });
    const auto cut = [](TcpClient& client, std::uint16_t port) -> task<> {
      co_await client.connect("127.0.0.1", port);
      co_await client.read_until("\n");
    };
    CHECK(user.error_of(cut(user.client, brief.port())) ==
          "IncompleteRead: the server closed the connection before the end " + where(brief.port()));
    CHECK_FALSE(user.client.is_open());
    CHECK(user.run(user.client.read()) == "half a line");
    CHECK(user.run(user.client.read()) == "");
    CHECK(user.error_of(user.client.write("x")) == "BrokenPipeError: [Errno 32] Broken pipe " + where(brief.port()));
    const auto exactly = [](TcpClient& client) -> task<> { co_await client.read_exactly(1); };
    CHECK(user.error_of(exactly(user.client)) ==
          "RemoteDisconnected: the server closed the connection without an answer " + where(brief.port()));

    RawServer endless([](int fd) {
      RawServer::write(fd, std::string(5000, 'x'));
      RawServer::wait_for_close(fd);
    });
    const auto too_long = [](TcpClient& client, std::uint16_t port) -> task<> {
      co_await client.connect("127.0.0.1", port, {.most_unread = 1000});
      co_await client.read_until("\n");
    };
    CHECK(user.error_of(too_long(user.client, endless.port())) ==
          "TooLong: no end within 1000 bytes (most_unread) " + where(endless.port()));
    const auto closed_by_another = [](TcpClient& client, std::uint16_t port) -> task<> {
      co_await client.connect("127.0.0.1", port);
      const auto close_soon = [](TcpClient& open) -> task<> {
        co_await sleep(5ms);
        open.close();
      };
      co_await all(client.read_until("\n"), close_soon(client));
    };
    CHECK(user.error_of(closed_by_another(user.client, silent.port())) ==
          "NotConnected: the connection was closed " + where(silent.port()));
  });
}

TEST_CASE("TcpClient goes where --resolve says, and comes from the source address") {
  on_every_loop([](Loop& loop) {
    std::atomic<std::uint32_t> from = 0;
    RawServer server([&](int fd) {
      sockaddr_in peer{};
      socklen_t size = sizeof peer;
      ::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size);
      from = ntohl(peer.sin_addr.s_addr);
      echo(fd);
    });
    Fixture user(loop);
    user.overrides.add("shop.example:" + std::to_string(server.port()) +
                       ":127.0.0.3,127.0.0.1");  // nobody listens on the first
    Network network = user.network();
    network.source_address = "127.0.0.77";
    TcpClient client(network);
    const auto body = [](TcpClient& c, std::uint16_t port) -> task<> {
      co_await c.connect("shop.example", port);
      co_await c.write("x");
      {
        const std::string got = co_await c.read();
        CHECK(got == "x");
      }
    };
    user.run(body(client, server.port()));
    CHECK(from == 0x7f00004d);
    network.source_address = "nonsense";
    TcpClient other(network);
    CHECK(user.error_of(other.connect("127.0.0.1", server.port())) ==
          "InvalidSourceAddress: not an IP address: nonsense");
  });
}

TEST_CASE("TcpClient speaks TLS, checks the certificate, and says why not") {
  const TestCertificate certificate("localhost", {.subject_alt_name = "DNS:localhost"});
  const TlsServer settings(certificate);
  const TemporaryFile trusted(certificate.certificate_pem);
  on_every_loop([&](Loop& loop) {
    RawServer server([&](int fd) { echo_tls(fd, settings); });
    Fixture user(loop);
    const auto body = [](TcpClient& client, std::uint16_t port, std::string ca) -> task<> {
      co_await client.connect("localhost", port, {.tls = true, .ca_file = ca});
      for (const std::size_t size : {1, 100, 100'000}) {
        co_await client.write(std::string(size, 'x') + "\n");
        const auto answer = co_await client.read_until("\n");
        CHECK(answer == std::string(size, 'x'));
      }
    };
    user.run(body(user.client, server.port(), trusted.path()));
    const std::string place = "(localhost:" + std::to_string(server.port()) + ")";
    CHECK(user.error_of(user.client.connect("localhost", server.port(), {.tls = true}))
              .find("SSLError: certificate verify failed") == 0);
    CHECK(user.error_of(user.client.connect("localhost", server.port(), {.tls = true, .ca_file = "/no/such"})) ==
          "SSLError: cannot read CA file /no/such: No such file or directory");
    RawServer plain([](int fd) {
      RawServer::write(fd, "hello, this is no TLS\r\n");
      RawServer::wait_for_close(fd);
    });
    const auto error = user.error_of(user.client.connect("localhost", plain.port(), {.tls = true}));
    CHECK(error.find("SSLError: ") == 0);
    RawServer silent(RawServer::wait_for_close);
    CHECK(user.error_of(user.client.connect("localhost", silent.port(), {.tls = true, .connect_timeout = 30ms})) ==
          "ConnectTimeout: no connection within 30 ms (localhost:" + std::to_string(silent.port()) + ")");
  });
}

TEST_CASE("a user may be cancelled wherever a TcpClient waits, and one that is to stop gets what it reads") {
  on_every_loop([](Loop& loop) {
    RawServer server([](int fd) {
      char byte;
      while (::recv(fd, &byte, 1, 0) == 1) {
        std::this_thread::sleep_for(20ms);
        RawServer::write(fd, "answer\n");
      }
    });
    Fixture user(loop);
    const auto body = [](TcpClient& client, std::uint16_t port, int& answers) -> task<> {
      co_await client.connect("127.0.0.1", port);
      for (;;) {
        co_await client.write("x");
        co_await client.read_until("\n");
        ++answers;
      }
    };
    int answers = 0;
    {
      auto work = body(user.client, server.port(), answers);
      work.start(user.context);  // it connects
    }
    {
      auto work = body(user.client, server.port(), answers);
      work.start(user.context);
      turn_until(loop, [&] { return user.context.requests_in_flight == 1; });  // it reads
    }
    CHECK(user.context.requests_in_flight == 0);
    CHECK(answers == 0);
    auto work = body(user.client, server.port(), answers);
    work.start(user.context);
    turn_until(loop, [&] { return answers == 1 && user.context.requests_in_flight == 1; });
    user.context.cancelled = true;
    turn_until(loop, [&] { return user.context.parked > 0; });
    CHECK(answers == 2);
    CHECK(user.context.requests_in_flight == 0);
    work = {};
    loop.poll();
  });
}
