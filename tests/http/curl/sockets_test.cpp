#include "http/curl/sockets.hpp"

#include "tests/support/raw_server.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <utility>
#include <vector>

using namespace katydid;

namespace {

struct Seen {
  std::vector<std::pair<int, int>> calls;
  static void on_ready(void* self, int fd, int bits) { static_cast<Seen*>(self)->calls.emplace_back(fd, bits); }
};

bool readable_within(int fd, int milliseconds) {
  pollfd one{fd, POLLIN, 0};
  return ::poll(&one, 1, milliseconds) == 1;
}

/// A connection from a socket of `sockets` to a server.
int connected(CurlSockets& sockets, std::uint16_t port) {
  const int fd = sockets.open(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  REQUIRE(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  return fd;
}

}  // namespace

TEST_CASE("a socket stays watched between transfers, and is let go when it turns readable while idle") {
  RawServer echo([](int fd) {
    char byte = 0;
    while (::recv(fd, &byte, 1, 0) == 1) RawServer::write(fd, {&byte, 1});
  });
  Loop loop(EventLoop::epoll);
  Seen seen;
  CurlSockets sockets(loop, &Seen::on_ready, &seen);
  const int fd = connected(sockets, echo.port());

  sockets.set_interest(fd, CURL_POLL_INOUT);
  loop.poll();
  REQUIRE(seen.calls.size() == 1);
  CHECK(seen.calls[0] == std::pair(fd, CURL_CSELECT_OUT));
  sockets.set_interest(fd, CURL_POLL_IN);
  RawServer::write(fd, "x");
  REQUIRE(readable_within(fd, 5000));
  loop.poll();
  REQUIRE(seen.calls.size() == 2);
  CHECK(seen.calls[1] == std::pair(fd, CURL_CSELECT_IN));

  sockets.set_interest(fd, CURL_POLL_REMOVE);
  REQUIRE(readable_within(loop.descriptor(), 5000));  // still watched: the byte was not read
  loop.poll();
  CHECK(seen.calls.size() == 2);
  CHECK_FALSE(readable_within(loop.descriptor(), 20));  // and now let go, or the loop would spin
  sockets.set_interest(fd, CURL_POLL_IN);
  CHECK(readable_within(loop.descriptor(), 5000));
  loop.poll();
  CHECK(seen.calls.size() == 3);
  CHECK(sockets.close(fd) == 0);
  CHECK_FALSE(readable_within(loop.descriptor(), 20));
}

TEST_CASE("an idle socket is not watched for writing, which it always is ready for") {
  RawServer silent([](int fd) { RawServer::wait_for_close(fd); });
  Loop loop(EventLoop::automatic, Waiting::outside);
  Seen seen;
  CurlSockets sockets(loop, &Seen::on_ready, &seen);
  const int fd = connected(sockets, silent.port());
  sockets.set_interest(fd, CURL_POLL_OUT);
  sockets.set_interest(fd, CURL_POLL_REMOVE);
  CHECK_FALSE(readable_within(loop.descriptor(), 20));
  sockets.close(fd);
}

TEST_CASE("a descriptor that was not opened here is let go when libcurl says so") {
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  Loop loop(EventLoop::epoll, Waiting::outside);
  Seen seen;
  CurlSockets sockets(loop, &Seen::on_ready, &seen);
  sockets.set_interest(ends[0], CURL_POLL_IN);
  RawServer::write(ends[1], "x");
  loop.poll();
  CHECK(seen.calls.size() == 1);
  sockets.set_interest(ends[0], CURL_POLL_REMOVE);
  CHECK_FALSE(readable_within(loop.descriptor(), 0));
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("a socket that libcurl closes by itself is forgotten, whatever gets its number") {
  Loop loop(EventLoop::epoll, Waiting::outside);
  Seen seen;
  CurlSockets sockets(loop, &Seen::on_ready, &seen);
  std::atomic<bool> accepted = false;
  RawServer silent([&accepted](int fd) {
    accepted = true;
    accepted.notify_one();
    RawServer::wait_for_close(fd);
  });
  const int fd = connected(sockets, silent.port());
  accepted.wait(false);  // or the server's own descriptor could take the number that is closed below
  sockets.set_interest(fd, CURL_POLL_IN);
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  SUBCASE("told when another descriptor has the number") {
    REQUIRE(::dup2(ends[0], fd) == fd);
    sockets.set_interest(fd, CURL_POLL_REMOVE);
  }
  SUBCASE("told before") {
    ::close(fd);
    sockets.set_interest(fd, CURL_POLL_REMOVE);
    REQUIRE(::dup2(ends[0], fd) == fd);
  }
  sockets.set_interest(fd, CURL_POLL_IN);
  RawServer::write(ends[1], "x");
  loop.poll();
  REQUIRE(seen.calls.size() == 1);
  sockets.set_interest(fd, CURL_POLL_REMOVE);
  CHECK_FALSE(readable_within(loop.descriptor(), 20));
  for (const int end : {fd, ends[0], ends[1]}) ::close(end);
}

TEST_CASE("a socket that libcurl closes and opens again in one breath is watched as it believes") {
  Loop loop(EventLoop::automatic, Waiting::outside);
  Seen seen;
  CurlSockets sockets(loop, &Seen::on_ready, &seen);
  const int fd = sockets.open(AF_INET, SOCK_STREAM, 0);
  sockets.set_interest(fd, CURL_POLL_OUT);
  ::close(fd);
  std::vector<int> others;  // a thread of another test may have got the number first, or left a lower one
  for (int opened = sockets.open(AF_INET, SOCK_STREAM, 0); opened != fd;
       opened = sockets.open(AF_INET, SOCK_STREAM, 0)) {
    REQUIRE(others.size() < 100);
    others.push_back(opened);
  }
  loop.poll();  // a socket that is not connected is ready for everything
  REQUIRE(seen.calls.size() == 1);
  CHECK(seen.calls[0].first == fd);
  CHECK(sockets.close(fd) == 0);
  for (const int other : others) sockets.close(other);
}

TEST_CASE("on Asio, a socket that stays ready does not hold up the loop") {
  RawServer silent([](int fd) { RawServer::wait_for_close(fd); });
  Loop loop(EventLoop::asio);
  Seen seen;
  CurlSockets sockets(loop, &Seen::on_ready, &seen);
  const int fd = connected(sockets, silent.port());
  sockets.set_interest(fd, CURL_POLL_OUT);
  for (int turns = 0; turns < 20; ++turns) loop.poll();
  CHECK(seen.calls.size() > 1);
  sockets.close(fd);
}
