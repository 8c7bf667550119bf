// Whole conversations: whatever a master says and whenever, the control plane goes on, keeps its users in bounds, says
// nothing that can't be read, and leaves when it is asked to.
//
// The input is a sequence of steps: a byte that says what happens, one for its length or time, and the frame's bytes.
#include "protocol/codec.hpp"
#include "protocol/msgpack.hpp"
#include "tests/fuzz/expect.hpp"
#include "tests/simulated/shard.hpp"
#include "tests/simulated/virtual_time.hpp"
#include "worker/control/control_plane.hpp"
#include "worker/log/log.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace katydid;
using namespace katydid::simulated;
using namespace std::chrono_literals;

namespace {

/// What the conversation goes over; the fuzzer is the other end of it.
struct Wire final : MasterWire {
  explicit Wire(Wire*& self) { self = this; }
  void listen(std::function<void(std::string_view)> received) override { hear = std::move(received); }
  bool connected() const override { return is_connected; }
  bool heard() const override { return is_connected && was_heard; }
  std::uint64_t losses() const override { return times_lost; }
  bool send(std::string_view frame) override {
    if (is_connected) expect(protocol::unpack(frame).size() == 3, "what the worker says can be read");
    return is_connected;
  }
  void reconnect() override { lose(); }
  void close(std::chrono::milliseconds) override { hear = nullptr; }

  void lose() {
    was_heard = false;
    ++times_lost;
  }

  std::function<void(std::string_view)> hear;
  bool is_connected = true, was_heard = false;
  std::uint64_t times_lost = 0;
};

struct Worker final : ControlPlane::Process {
  Worker() {
    WorkerOptions options;
    options.shard.make = [this](const ShardOptions& made_for) {
      auto made = std::make_unique<SimulatedShard>(time, habits, made_for.index == 0, [](const std::string&) {});
      shard = made.get();
      return made;
    };
    plane.emplace(options, classes, thread, std::make_unique<Wire>(wire), protocol::DealerOptions{.node_id = "w"},
                  static_cast<ControlPlane::Process&>(*this), nullptr);
    plane->start();
  }
  ControlPlane::Usage usage() override { return {}; }
  void finished(int) override { ended = true; }
  void abandon(int) override { ended = true; }

  void hear(std::string_view frame) {
    if (ended || !wire->hear) return;
    wire->is_connected = wire->was_heard = true;
    wire->hear(frame);
  }
  void pass(std::chrono::milliseconds span) {
    const auto end = time.now() + span;
    while (!ended && time.step(end)) {
    }
    expect(ended || shard->users() <= most_users, "users are bounded");
  }

  static constexpr std::int64_t most_users = 2 * protocol::Limits::users;
  UserClass buyer{.name = "A"};
  std::vector<const UserClass*> classes{&buyer};
  VirtualTime time;
  Habits habits;
  VirtualThread thread{time};
  SimulatedShard* shard = nullptr;
  Wire* wire = nullptr;
  std::optional<ControlPlane> plane;
  bool ended = false;
};

/// A frame that asks for more users than a fuzzer has time for says nothing about conversations.
bool is_affordable(std::string_view frame) {
  const auto decoded = protocol::decode_from_master(frame);
  const auto* message = std::get_if<protocol::FromMaster>(&decoded);
  const auto* spawn = message ? std::get_if<protocol::from_master::Spawn>(message) : nullptr;
  return !spawn || (spawn->stop_timeout < 1h &&
                    std::ranges::all_of(spawn->user_classes_count, [](const auto& each) { return each.second <= 50; }));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  log::set_level(log::Level::critical);
  Worker worker;
  worker.pass(1s);
  std::string_view left(reinterpret_cast<const char*>(data), size);
  for (int steps = 0; left.size() >= 2 && steps < 40; ++steps) {
    const auto what = static_cast<unsigned char>(left[0]) % 4;
    const auto amount = static_cast<unsigned char>(left[1]);
    left.remove_prefix(2);
    if (what == 0) {
      worker.pass(amount * 40ms);
    } else if (what == 1) {
      worker.wire->is_connected = amount % 2 == 1;
      worker.wire->lose();
    } else {
      const std::string_view frame = left.substr(0, amount);
      left.remove_prefix(frame.size());
      if (is_affordable(frame)) worker.hear(frame);
    }
  }
  // It may wait for users by its stop_timeout, which is below an hour.
  worker.plane->interrupt();
  worker.pass(2h);
  expect(worker.ended, "the worker leaves when it is asked to");
  return 0;
}
