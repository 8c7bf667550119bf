#include "worker/master_link.hpp"

#include "protocol/msgpack.hpp"
#include "tests/support/fake_master.hpp"
#include "worker/control/asio_control_loop.hpp"
#include "worker/control/dealer_wire.hpp"

#include <asio/io_context.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

using namespace katydid;
using namespace std::chrono_literals;
using katydid::testing::FakeMaster;

namespace {

constexpr LinkTiming quick{.heartbeat = 100ms, .announce = 100ms, .announce_retries = 5, .master_silent = 600ms};

/// A worker without users: it announces itself again as soon as its master is lost.
class Worker final : MasterLink::Listener {
 public:
  Worker(FakeMaster& master, LinkTiming timing)
      : master_(master),
        address_{.host = "127.0.0.1", .port = master.port(), .node_id = "worker_1"},
        link_(loop_, std::make_unique<DealerWire>(io_.get_executor(), address_), address_, timing, *this) {
    link_.announce();
  }
  ~Worker() { link_.close({}); }

  /// Turns the loop, and collects what the master hears, until it is so; for ten seconds at most.
  bool until(const std::function<bool()>& so) {
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (!so()) {
      if (std::chrono::steady_clock::now() > end) return false;
      turn();
    }
    return true;
  }
  void turn_for(std::chrono::milliseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end) turn();
  }
  /// How many messages of that type the master has heard.
  int heard(std::string_view type) const { return static_cast<int>(std::ranges::count(heard_, type)); }
  void admit() {
    REQUIRE(until([this, before = heard("client_ready")] { return heard("client_ready") > before; }));
    master_.send(link_.node_id(), "ack", Value{Value::Object{{"index", 0}}});
  }

  bool report(std::uint64_t requests) {
    protocol::to_master::Stats stats;
    stats.total.num_requests = requests;
    return link_.send_report(stats);
  }
  bool answering() const { return link_.answering(); }
  void break_connection() { master_.send(link_.node_id(), "reconnect"); }

  bool master_answers = true;
  std::vector<std::uint64_t> doubts;
  int acks = 0, orders = 0;
  std::vector<std::string> losses, silences;

 private:
  void turn() {
    io_.restart();
    io_.run_one_for(2ms);
    const auto message = master_.receive(1ms);
    if (!message) return;
    CHECK(message->identity == link_.node_id());
    heard_.push_back(message->type);
    if (message->type == "heartbeat" && master_answers) master_.send(message->identity, "heartbeat");
  }

  void received(protocol::FromMaster) override { ++orders; }
  void acked(std::optional<std::int64_t>) override { ++acks; }
  void master_lost(std::string_view why) override {
    losses.emplace_back(why);
    link_.announce();
  }
  void master_silent(std::string_view why) override { silences.emplace_back(why); }
  void in_doubt(std::uint64_t requests) override { doubts.push_back(requests); }
  protocol::to_master::Heartbeat heartbeat() override { return {}; }

  FakeMaster& master_;
  std::vector<std::string> heard_;
  asio::io_context io_;
  AsioControlLoop loop_{io_.get_executor()};
  protocol::DealerOptions address_;
  MasterLink link_;
};

LinkTiming forever() {
  LinkTiming timing = quick;
  timing.forever = true;
  return timing;
}

}  // namespace

TEST_CASE("a master that falls silent is told once, for the worker to leave") {
  FakeMaster master;
  Worker worker(master, quick);
  worker.admit();
  worker.turn_for(1s);
  CHECK(worker.silences.empty());
  worker.master_answers = false;
  REQUIRE(worker.until([&] { return !worker.silences.empty(); }));
  CHECK(worker.silences.front().starts_with("Didn't get heartbeat from master"));
  worker.turn_for(1s);
  CHECK(worker.silences.size() == 1);
  CHECK(worker.losses.empty());
}

TEST_CASE("with reconnect-forever a silent master is a lost one: the worker registers again, over a new connection") {
  FakeMaster master;
  Worker worker(master, forever());
  worker.admit();
  REQUIRE(worker.until([&] { return worker.heard("heartbeat") > 2; }));
  worker.master_answers = false;
  REQUIRE(worker.until([&] { return !worker.losses.empty(); }));
  CHECK(worker.losses.front().starts_with("Didn't get heartbeat from master"));
  CHECK(worker.silences.empty());

  worker.turn_for(200ms);
  CHECK_MESSAGE(worker.heard("client_ready") == 1, "the old connection is closed, the new one not there yet");
  worker.turn_for(1s);
  CHECK_MESSAGE(worker.losses.size() == 1, "it is not lost a second time before it has come back");

  worker.master_answers = true;
  worker.admit();
  REQUIRE(worker.until([&] { return worker.acks == 2; }));
  const int beats = worker.heard("heartbeat");
  worker.turn_for(1s);
  CHECK(worker.heard("heartbeat") > beats);
  CHECK(worker.losses.size() == 1);
}

TEST_CASE("a master that never acknowledges ends the worker after the last retry, or never") {
  FakeMaster master;
  Worker mortal(master, quick);
  REQUIRE(mortal.until([&] { return !mortal.silences.empty(); }));
  CHECK(mortal.silences.front().starts_with("no master answered at 127.0.0.1:"));

  FakeMaster other;
  Worker immortal(other, forever());
  REQUIRE(immortal.until([&] { return immortal.heard("client_ready") > 10; }));
  CHECK(immortal.silences.empty());
  CHECK(immortal.losses.empty());
}

TEST_CASE("when the connection breaks, reports that the master may not have are told by their requests") {
  FakeMaster master;
  Worker worker(master, quick);
  worker.admit();
  REQUIRE(worker.until([&] { return worker.answering(); }));
  REQUIRE(worker.report(30));
  REQUIRE(worker.until([&, beats = worker.heard("heartbeat")] { return worker.heard("heartbeat") > beats + 2; }));
  worker.master_answers = false;
  REQUIRE(worker.report(5));
  REQUIRE(worker.report(7));
  worker.turn_for(150ms);
  CHECK(worker.doubts.empty());
  worker.break_connection();
  REQUIRE(worker.until([&] { return !worker.doubts.empty(); }));
  CHECK(worker.doubts == std::vector<std::uint64_t>{12});
}

TEST_CASE("a master that has left heartbeats unanswered is not answering, until it does") {
  FakeMaster master;
  Worker worker(master, forever());
  CHECK_FALSE(worker.answering());
  worker.admit();
  REQUIRE(worker.until([&] { return worker.answering(); }));
  worker.master_answers = false;
  REQUIRE(worker.until([&] { return !worker.answering(); }));
  CHECK(worker.losses.empty());
  worker.master_answers = true;
  REQUIRE(worker.until([&] { return worker.answering(); }));
  CHECK(worker.doubts.empty());
}

TEST_CASE("what is for another worker is neither carried out nor taken for a sign of the master") {
  FakeMaster master;
  Worker worker(master, quick);
  worker.admit();
  REQUIRE(worker.until([&] { return worker.answering(); }));
  const auto to_another = [&](std::string_view type) {
    master.send_frame("worker_1", protocol::pack(Value::array(type, nullptr, "worker_2")));
  };
  worker.master_answers = false;
  REQUIRE(worker.until([&] {
    for (const char* type : {"ack", "stop", "heartbeat"}) to_another(type);
    return !worker.answering();
  }));
  CHECK(worker.acks == 1);
  CHECK(worker.orders == 0);
  master.send("worker_1", "stop");
  REQUIRE(worker.until([&] { return worker.orders == 1; }));
}
