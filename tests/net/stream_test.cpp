// Streams by themselves: what is sent last, and what is received without being kept.
#include "net/stream.hpp"

#include "base/append_read.hpp"
#include "net/socket_address.hpp"
#include "tests/net/net_harness.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace katydid;

namespace {

struct Listener {
  Listener() : descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(descriptor, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(descriptor, 200) == 0);
    REQUIRE(::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port = ntohs(address.sin_port);
  }
  ~Listener() { ::close(descriptor); }
  int accept() const { return ::accept4(descriptor, nullptr, nullptr, SOCK_CLOEXEC); }

  int descriptor;
  std::uint16_t port = 0;
};

/// Counts what it is told.
struct Owner final : StreamOwner {
  Owner(Loop& loop, std::uint16_t port) : stream(loop.connect(*this, *SocketAddress::literal("127.0.0.1", port))) {}

  void on_connected() override { connected = true; }
  void on_received(std::string_view bytes) override {
    received += bytes;
    if (to_discard > 0) stream->discard(std::exchange(to_discard, 0));
    if (to_expect > 0) stream->expect(std::exchange(to_expect, 0));
  }
  bool take_from(Source& source, std::size_t most) override {
    if (takes) append_read(taken, most, source);
    return takes;
  }
  void on_discarded(std::uint64_t bytes) override { discarded += bytes; }
  void on_closed(int) override { closed = true; }

  bool connected = false, closed = false;
  std::string received;
  std::uint64_t to_discard = 0, discarded = 0, to_expect = 0;
  bool takes = false;
  std::string taken;
  StreamPointer stream;
};

/// So many more than are in use now, while it lives.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(int more) {
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
    const int lowest_free = ::dup(0);
    ::close(lowest_free);
    rlimit few = before_;
    few.rlim_cur = static_cast<rlim_t>(lowest_free + more);
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
  }
  ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

/// Up to the end of the connection.
std::string all_of(Loop& loop, int descriptor) {
  std::string all;
  turn_until(loop, [&] {
    char buffer[4096];
    const auto size = ::recv(descriptor, buffer, sizeof buffer, MSG_DONTWAIT);
    if (size > 0) all.append(buffer, static_cast<std::size_t>(size));
    return size == 0;
  });
  return all;
}

}  // namespace

TEST_CASE("what was sent just before a stream goes arrives, and so does what was queued behind it") {
  on_every_loop([](Loop& loop) {
    const Listener listener;
    Owner owner(loop, listener.port);
    turn_until(loop, [&] { return owner.connected; });
    const int peer = listener.accept();
    owner.stream->outgoing() = "all, ";
    owner.stream->flush();
    owner.stream->outgoing() += "goodbye";
    owner.stream->flush();
    owner.stream.reset();
    CHECK(all_of(loop, peer) == "all, goodbye");
    ::close(peer);
  });
}

TEST_CASE("what is expected is read to where it belongs, and what stands behind it is not") {
  on_every_loop([](Loop& loop) {
    const Listener listener;
    Owner owner(loop, listener.port);
    turn_until(loop, [&] { return owner.connected; });
    const int peer = listener.accept();
    std::string body;
    for (int i = 0; body.size() < 1'000'000; ++i) body += std::to_string(i);
    const auto send = [&](std::string_view rest) {
      while (!rest.empty()) {
        const auto sent = ::send(peer, rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent > 0) rest.remove_prefix(static_cast<std::size_t>(sent));
        loop.poll();
      }
    };
    for (const bool takes : {true, false, true}) {
      CAPTURE(takes);
      owner.received.clear();
      owner.taken.clear();
      owner.stream->outgoing() = "request";
      owner.stream->flush();
      owner.takes = takes;
      owner.to_expect = body.size();
      send("head");
      turn_until(loop, [&] { return owner.received == "head"; });
      send(body + "!?");
      const std::size_t behind = takes ? 0 : body.size();
      turn_until(loop, [&] { return owner.received.size() == behind + 6; });
      CHECK((takes ? owner.taken : owner.received.substr(4, body.size())) == body);
      CHECK(owner.received.ends_with("!?"));
    }
    owner.taken.clear();
    owner.to_expect = body.size();
    send("head");
    send(std::string_view(body).substr(0, 1000));
    ::shutdown(peer, SHUT_WR);
    turn_until(loop, [&] { return owner.closed; });
    CHECK((owner.received + owner.taken).ends_with(body.substr(0, 1000)));
    ::close(peer);
  });
}

TEST_CASE("of what is received, so much is only counted") {
  on_every_loop([](Loop& loop) {
    const Listener listener;
    Owner owner(loop, listener.port);
    turn_until(loop, [&] { return owner.connected; });
    const int peer = listener.accept();
    constexpr std::size_t size = 300'000;
    owner.to_discard = size;
    REQUIRE(::send(peer, "ab", 2, 0) == 2);
    turn_until(loop, [&] { return owner.received == "ab"; });
    const std::string body = std::string(size, 'x') + "cd";
    std::string_view rest = body;
    while (!rest.empty()) {
      const auto sent = ::send(peer, rest.data(), rest.size(), MSG_DONTWAIT);
      if (sent > 0) rest.remove_prefix(static_cast<std::size_t>(sent));
      loop.poll();
    }
    turn_until(loop, [&] { return owner.received == "abcd"; });
    CHECK(owner.discarded == size);
    owner.to_discard = 10;
    REQUIRE(::send(peer, "e", 1, 0) == 1);
    turn_until(loop, [&] { return owner.received == "abcde"; });
    REQUIRE(::send(peer, "1234", 4, 0) == 4);
    turn_until(loop, [&] { return owner.discarded == size + 4; });
    ::close(peer);  // in the middle
    turn_until(loop, [&] { return owner.closed; });
    CHECK(owner.received == "abcde");
  });
}

TEST_CASE("streams that are let go of leave their descriptors to those that follow at once") {
  const DescriptorLimit limit(60);
  on_every_loop([](Loop& loop) {
    const Listener listener;
    std::vector<std::unique_ptr<Owner>> owners;
    for (int round = 0; round < 3; ++round) {
      owners.clear();  // while they are being connected, and then while they wait for what comes
      for (int i = 0; i < 40; ++i) owners.push_back(std::make_unique<Owner>(loop, listener.port));
      for (const auto& owner : owners) REQUIRE(owner->stream);
      if (round == 1) turn_until(loop, [&] { return std::ranges::all_of(owners, &Owner::connected); });
    }
    turn_until(loop, [&] { return std::ranges::all_of(owners, &Owner::connected); });
  });
}
