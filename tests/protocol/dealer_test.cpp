#include "protocol/dealer.hpp"

#include "tests/support/fake_master.hpp"

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <doctest/doctest.h>

#include <exception>
#include <filesystem>
#include <functional>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <vector>

using namespace katydid;
using namespace katydid::protocol;
using namespace std::chrono_literals;
using katydid::testing::FakeMaster;

namespace {

/// A dealer, its loop, and everything that it has received.
class Worker {
 public:
  explicit Worker(std::uint16_t port, std::chrono::milliseconds deaf_after = 1min) {
    dealer_.emplace(io_.get_executor(), DealerOptions{"127.0.0.1", port, id, deaf_after});
    asio::co_spawn(io_, collect(), [this](std::exception_ptr ended) { ended_ = ended; });
  }

  Dealer& dealer() { return *dealer_; }
  void destroy() { dealer_.reset(); }
  void turn(std::chrono::milliseconds time) {
    io_.restart();
    io_.run_for(time);
  }
  /// Turns the loop until it is so, for twenty seconds at most.
  bool until(const std::function<bool()>& so) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!so()) {
      if (std::chrono::steady_clock::now() > end) return false;
      io_.restart();
      io_.run_one_for(2ms);
    }
    return true;
  }
  bool until_connected() {
    return until([this] { return dealer().connected(); });
  }
  /// The same with a master that listens meanwhile, but hears nothing.
  bool until_connected_to(FakeMaster& master) {
    return until([&] { return !master.receive(1ms) && dealer().connected(); });
  }
  /// Turns the loop until the master has a message.
  std::optional<FakeMaster::Received> at(FakeMaster& master) {
    std::optional<FakeMaster::Received> message;
    (void)until([&] { return (message = master.receive(1ms)).has_value(); });
    return message;
  }
  /// How receive() ended, once it has.
  std::error_code end() {
    REQUIRE(until([this] { return ended_.has_value(); }));
    try {
      std::rethrow_exception(*ended_);
    } catch (const std::system_error& error) {
      return error.code();
    }
  }

  const std::string id = "worker_1";
  std::vector<std::string> frames;

 private:
  asio::awaitable<void> collect() {
    for (;;) {
      std::string frame = co_await dealer_->receive();
      frames.push_back(std::move(frame));
    }
  }

  asio::io_context io_;
  std::optional<Dealer> dealer_;
  std::optional<std::exception_ptr> ended_;
};

// msgpack ["hello", nil, "worker_1"], for the fake master to read
const std::string hello = "\x93\xa5hello\xc0\xa8worker_1";

std::size_t open_descriptors() {
  const auto list = std::filesystem::directory_iterator("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(list), end(list)));
}

}  // namespace

TEST_CASE("frames go both ways, under the node id") {
  FakeMaster master;
  Worker worker(master.port());
  REQUIRE(worker.until_connected());
  CHECK(worker.dealer().warning().empty());
  CHECK(worker.dealer().send(hello));
  const auto message = worker.at(master);
  REQUIRE(message);
  CHECK(message->identity == worker.id);
  CHECK(message->type == "hello");
  CHECK(message->node_id == worker.id);

  master.send_frame(worker.id, "an answer");
  master.send_frame(worker.id, "");
  master.send_parts(worker.id, "", "the last part");
  REQUIRE(worker.until([&] { return worker.frames.size() == 3; }));
  CHECK(worker.frames == std::vector<std::string>{"an answer", "", "the last part"});
}

TEST_CASE("no signal of ZeroMQ's is missed, however sending and receiving mix") {
  FakeMaster master;
  Worker worker(master.port());
  REQUIRE(worker.until_connected());
  constexpr std::size_t rounds = 3000;
  REQUIRE(worker.dealer().send(hello));
  REQUIRE(worker.at(master));
  for (std::size_t i = 0; i < rounds; ++i) {
    master.send_frame(worker.id, std::to_string(i));
    // Sending takes the signal of what arrived meanwhile; nothing else will come to wake the receiver.
    if (i % 3 == 0) REQUIRE(worker.dealer().send(hello));
    if (i % 3 == 1) REQUIRE(worker.dealer().connected());
    REQUIRE(worker.until([&] { return worker.frames.size() == i + 1; }));
  }
  CHECK(worker.frames.back() == std::to_string(rounds - 1));
}

TEST_CASE("nothing is taken while there is no master, and a late one is found") {
  std::uint16_t port = 0;
  { port = FakeMaster().port(); }
  Worker worker(port);
  worker.turn(300ms);
  CHECK_FALSE(worker.dealer().connected());
  CHECK_FALSE(worker.dealer().send(hello));

  FakeMaster master(port);
  REQUIRE(worker.until_connected());
  CHECK_FALSE(master.receive(200ms));
  CHECK(worker.dealer().send(hello));
  CHECK(worker.at(master));
}

TEST_CASE("a master that comes back hears nothing that was meant for the one before") {
  std::optional<FakeMaster> master(std::in_place);
  const std::uint16_t port = master->port();
  Worker worker(port);
  for (int round = 0; round < 3; ++round) {
    REQUIRE(worker.until_connected());
    REQUIRE(worker.dealer().send(hello));
    REQUIRE(worker.at(*master));
    master.reset();
    REQUIRE(worker.until([&] { return !worker.dealer().connected(); }));
    CHECK_FALSE(worker.dealer().send(hello));
    master.emplace(port);
    REQUIRE(worker.until_connected());
    CHECK_FALSE(master->receive(50ms));
  }
}

TEST_CASE("a reconnect keeps the identity, and what was sent before it") {
  FakeMaster master;
  Worker worker(master.port());
  for (std::size_t round = 1; round <= 5; ++round) {
    REQUIRE(worker.until_connected());
    for (int i = 0; i < 100; ++i) REQUIRE(worker.dealer().send(hello));
    worker.dealer().reconnect();
    CHECK_FALSE(worker.dealer().connected());
    CHECK_FALSE(worker.dealer().send(hello));
    for (int i = 0; i < 100; ++i) REQUIRE(worker.at(master));

    REQUIRE(worker.until_connected_to(master));
    REQUIRE(worker.dealer().send(hello));
    const auto message = worker.at(master);
    REQUIRE(message);
    CHECK(message->identity == worker.id);
    master.send_frame(worker.id, "welcome back");
    REQUIRE(worker.until([&] { return worker.frames.size() == round; }));
  }
}

TEST_CASE("reconnecting in a hurry ends with one connection") {
  FakeMaster master;
  Worker worker(master.port());
  REQUIRE(worker.until_connected());
  for (int i = 0; i < 5; ++i) worker.dealer().reconnect();
  REQUIRE(worker.until_connected_to(master));
  REQUIRE(worker.dealer().send(hello));
  REQUIRE(worker.at(master));
}

TEST_CASE("a connection that the master ignores is made anew until it answers") {
  FakeMaster master;
  Worker worker(master.port(), 300ms);
  REQUIRE(worker.until_connected());
  REQUIRE(master.wait_for_connection(1s));
  CHECK_FALSE(worker.dealer().heard());
  REQUIRE(worker.dealer().send(hello));
  REQUIRE(worker.at(master));
  master.send_frame(worker.id, "welcome");
  REQUIRE(worker.until([&] { return worker.frames.size() == 1; }));
  CHECK(worker.dealer().heard());

  worker.dealer().reconnect();
  CHECK_FALSE(worker.dealer().heard());
  REQUIRE(worker.until_connected());  // the master has not looked at its socket, and still holds the old connection
  REQUIRE(master.wait_for_connection(1s));
  REQUIRE(worker.dealer().send(hello));
  CHECK_FALSE(master.receive(100ms));
  CHECK_FALSE(worker.dealer().heard());

  REQUIRE(worker.until([&] { return !worker.dealer().connected(); }));
  REQUIRE(worker.until_connected_to(master));
  REQUIRE(worker.dealer().send(hello));
  REQUIRE(worker.at(master));
  master.send_frame(worker.id, "welcome back");
  REQUIRE(worker.until([&] { return worker.frames.size() == 2; }));
  CHECK(worker.dealer().heard());
}

TEST_CASE("a connection that was answered may be quiet") {
  FakeMaster master;
  Worker worker(master.port(), 50ms);
  REQUIRE(worker.until_connected());
  REQUIRE(worker.dealer().send(hello));
  REQUIRE(worker.at(master));
  master.send_frame(worker.id, "welcome");
  REQUIRE(worker.until([&] { return worker.frames.size() == 1; }));
  for (int i = 0; i < 20; ++i) {
    REQUIRE(worker.dealer().send(hello));
    worker.turn(10ms);
    REQUIRE(worker.dealer().connected());
  }
  CHECK(worker.dealer().heard());
}

TEST_CASE("reconnecting leaks no descriptor") {
  FakeMaster master;
  Worker worker(master.port());
  REQUIRE(worker.until_connected());
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 5; ++i) {
    worker.dealer().reconnect();
    REQUIRE(worker.until_connected());
  }
  worker.turn(100ms);
  CHECK(open_descriptors() <= before + 1);
}

TEST_CASE("a full queue refuses frames, and every frame that was taken arrives") {
  FakeMaster master;
  Worker worker(master.port());
  REQUIRE(worker.until_connected());
  const std::string frame = "\x93\xa5large\xc5\x20\x01" + std::string(0x2001, 'x') + "\xa8worker_1";
  std::size_t taken = 0;
  while (taken < 20'000 && worker.dealer().send(frame)) ++taken;
  REQUIRE(taken < 20'000);
  CHECK(taken >= 1000);
  CHECK_FALSE(worker.dealer().connected());  // takes no frames
  std::size_t arrived = 0;
  REQUIRE(worker.until([&] {
    while (master.receive_frame(1ms)) ++arrived;
    return arrived == taken;
  }));
  CHECK(worker.dealer().connected());
  CHECK(worker.dealer().send(hello));
}

TEST_CASE("closing lets queued frames leave and ends receive()") {
  FakeMaster master;
  Worker worker(master.port());
  REQUIRE(worker.until_connected());
  constexpr int count = 500;
  for (int i = 0; i < count; ++i) REQUIRE(worker.dealer().send(hello));
  worker.dealer().close(2s);
  for (int i = 0; i < count; ++i) REQUIRE(master.receive(1s));
  CHECK(worker.end() == asio::error::operation_aborted);
  CHECK_FALSE(worker.dealer().connected());
  CHECK_FALSE(worker.dealer().send(hello));
  worker.dealer().reconnect();
  worker.dealer().close(0ms);
  worker.turn(500ms);
  CHECK_FALSE(worker.dealer().connected());
}

TEST_CASE("closing without a master takes no time") {
  std::uint16_t port = 0;
  { port = FakeMaster().port(); }
  Worker worker(port);
  const auto start = std::chrono::steady_clock::now();
  worker.dealer().close(5s);
  CHECK(std::chrono::steady_clock::now() - start < 1s);
  CHECK(worker.end() == asio::error::operation_aborted);
}

TEST_CASE("a dealer may go while it is waited for") {
  FakeMaster master;
  Worker worker(master.port());
  worker.turn(5ms);
  worker.destroy();
  CHECK(worker.end() == asio::error::operation_aborted);
}

TEST_CASE("a dealer may go while it reconnects") {
  FakeMaster master;
  Worker worker(master.port());
  worker.turn(5ms);
  worker.dealer().reconnect();
  worker.turn(5ms);
  worker.destroy();
  CHECK(worker.end() == asio::error::operation_aborted);
  worker.turn(500ms);
}

TEST_CASE("a loop that ends first is no harm") {
  FakeMaster master;
  auto io = std::make_unique<asio::io_context>();
  Dealer dealer(io->get_executor(), {"127.0.0.1", master.port(), "worker_1"});
  asio::co_spawn(*io, dealer.receive(), [](std::exception_ptr, const std::string&) {});
  io->run_for(50ms);
  dealer.close(0ms);
}

TEST_CASE("a wrong address is told, an unknown name only warned about") {
  asio::io_context io;
  const auto make = [&](const std::string& host, std::uint16_t port, const std::string& id) {
    Dealer(io.get_executor(), {host, port, id});
  };
  CHECK_THROWS_WITH_AS(make("two words", 5557, "w"), "cannot connect to tcp://two words:5557: Invalid argument",
                       std::runtime_error);
  CHECK_THROWS_WITH_AS(make("localhost", 0, "w"), "no address of a master: host \"localhost\", port 0",
                       std::runtime_error);
  CHECK_THROWS_AS(make("localhost", 5557, std::string(256, 'w')), std::runtime_error);
  CHECK_THROWS_AS(make("localhost", 5557, ""), std::runtime_error);
  const Dealer unknown(io.get_executor(), {"no-such-host.invalid", 5557, "w"});
  CHECK(unknown.warning().find("no-such-host.invalid") != std::string::npos);
  CHECK_FALSE(unknown.connected());
}
