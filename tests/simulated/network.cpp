#include "tests/simulated/network.hpp"

#include <algorithm>
#include <utility>

namespace katydid::simulated {

using namespace std::chrono_literals;

namespace {

// protocol/zmq_dealer.cpp
constexpr std::chrono::milliseconds connect_again{200};
constexpr std::chrono::seconds master_forgets{30}, worker_gives_up{120};
// protocol/dealer.cpp
constexpr std::chrono::milliseconds reconnect_pause{500}, deaf_at_first{5'000}, deaf_at_most{60'000};

}  // namespace

struct Network::Connection {
  bool worker_end = true, master_end = true;
  bool accepted = false;  // the master holds it
  Pipe up, down;

  Pipe& pipe(bool to_master) { return to_master ? up : down; }
};

class Network::Wire final : public MasterWire {
 public:
  Wire(Network& network, VirtualThread& worker)
      : network_(network), deaf_timer_(worker.make_timer()), open_timer_(worker.make_timer()) {}
  ~Wire() override {
    close({});
    network_.wire_ = nullptr;
  }

  void listen(std::function<void(std::string_view)> received) override {
    received_ = std::move(received);
    network_.connect_later(*this, 1ms);
  }
  bool connected() const override { return const_cast<Wire*>(this)->takes_frames(); }
  bool heard() const override { return heard_; }
  std::uint64_t losses() const override { return losses_; }
  bool send(std::string_view frame) override {
    const bool sent = takes_frames();
    if (!sent) return false;
    network_.observer_.sent(frame);
    network_.push(connection, true, std::string(frame));
    if (!heard_ && !asked_) expect_answer();
    return true;
  }
  void reconnect() override {
    if (closed_) return;
    shut();
    open_ = false;
    open_timer_->start(reconnect_pause, [this] {
      open_ = true;
      network_.connect_later(*this, 1ms);
    });
  }
  void close(std::chrono::milliseconds) override {
    closed_ = true;
    open_ = false;
    received_ = nullptr;
    open_timer_->cancel();
    shut();
  }

  bool wants_connection() const { return open_ && received_ && !connection; }
  void arrived(std::string_view frame) {
    if (!received_) return;
    heard_ = true;
    asked_ = false;
    deaf_timer_->cancel();
    deaf_after_ = deaf_at_first;
    network_.observer_.arrived(frame);
    const auto call = received_;
    call(frame);
  }
  void broke() {
    connection = nullptr;
    network_.connect_later(*this, connect_again);
  }

  ConnectionPointer connection;
  bool connecting = false;

 private:
  bool takes_frames() {
    const bool takes = open_ && connection && network_.time_.now() >= network_.full_until_;
    takes ? void(writable_ = true) : forget_answers();
    return takes;
  }
  void expect_answer() {
    asked_ = true;
    deaf_timer_->start(deaf_after_, [this] {
      if (!asked_) return;
      deaf_after_ = std::min(2 * deaf_after_, deaf_at_most);
      reconnect();
    });
  }
  void forget_answers() {
    if (std::exchange(writable_, false)) ++losses_;
    heard_ = asked_ = false;
    deaf_timer_->cancel();
  }
  void shut() {
    forget_answers();
    if (connection) network_.hang_up(std::exchange(connection, nullptr));
  }

  Network& network_;
  std::function<void(std::string_view)> received_;
  std::unique_ptr<ControlLoop::Timer> deaf_timer_, open_timer_;
  std::chrono::milliseconds deaf_after_ = deaf_at_first;
  bool open_ = true, closed_ = false, heard_ = false, asked_ = false, writable_ = false;
  std::uint64_t losses_ = 0;
};

std::unique_ptr<MasterWire> Network::make_wire(VirtualThread& worker) {
  auto wire = std::make_unique<Wire>(*this, worker);
  wire_ = wire.get();
  return wire;
}

void Network::connect_later(Wire& wire, std::chrono::milliseconds delay) {
  if (std::exchange(wire.connecting, true)) return;
  time_.after(delay, [this, &wire] {
    if (wire_ != &wire) return;
    wire.connecting = false;
    if (wire.wants_connection()) try_to_connect(wire);
  });
}

void Network::try_to_connect(Wire& wire) {
  if (down() || !master_) return connect_later(wire, connect_again);
  wire.connecting = true;
  time_.after(2 * latency_ + 1ms, [this, &wire] {  // the handshake
    if (wire_ != &wire) return;
    wire.connecting = false;
    if (!wire.wants_connection()) return;
    if (down() || !master_) return connect_later(wire, connect_again);
    wire.connection = std::make_shared<Connection>();
    if (held_) return;
    held_ = wire.connection;
    held_->accepted = true;
  });
}

void Network::master_comes(std::function<void(std::string frame)> received) { master_ = std::move(received); }

void Network::master_goes() {
  master_ = nullptr;
  if (const auto held = held_) end_master_side(held);
  if (!wire_ || !wire_->connection) return;
  const auto connection = wire_->connection;
  end_master_side(connection);
  // The kernel of the master's machine says so.
  time_.at(std::max(time_.now(), black_until_) + latency_, [this, connection] { end_worker_side(connection); });
}

void Network::send_to_worker(std::string frame) {
  if (held_ && held_->master_end) push(held_, false, std::move(frame));
}

void Network::push(const ConnectionPointer& connection, bool up, std::string frame) {
  Pipe& pipe = connection->pipe(up);
  clock::time_point ready = time_.now() + latency_;
  if (!pipe.frames.empty()) ready = std::max(ready, pipe.frames.back().first);
  pipe.frames.emplace_back(ready, std::move(frame));
  if (!std::exchange(pipe.pumping, true)) time_.at(ready, [this, connection, up] { pump(connection, up); });
}

void Network::pump(const ConnectionPointer& connection, bool up) {
  Pipe& pipe = connection->pipe(up);
  while (!pipe.frames.empty()) {
    const auto ready = std::max(pipe.frames.front().first, black_until_);
    if (ready > time_.now()) return time_.at(ready, [this, connection, up] { pump(connection, up); });
    std::string frame = std::move(pipe.frames.front().second);
    pipe.frames.pop_front();
    deliver(*connection, up, std::move(frame));
  }
  pipe.pumping = false;
}

void Network::deliver(Connection& connection, bool up, std::string frame) {
  if (!up) {
    if (connection.worker_end && wire_ && wire_->connection.get() == &connection) wire_->arrived(frame);
    return;
  }
  if (connection.accepted && connection.master_end && master_) return master_(std::move(frame));
  observer_.lost(frame);
}

void Network::lose(Pipe& pipe, bool up) {
  for (auto& [ready, frame] : pipe.frames) {
    if (up) observer_.lost(frame);
  }
  pipe.frames.clear();
}

void Network::end_worker_side(const ConnectionPointer& connection) {
  if (!std::exchange(connection->worker_end, false)) return;
  lose(connection->up, true);
  lose(connection->down, false);
  if (wire_ && wire_->connection == connection) wire_->broke();
}

void Network::end_master_side(const ConnectionPointer& connection) {
  connection->master_end = false;
  lose(connection->up, true);
  lose(connection->down, false);
  if (held_ == connection) held_ = nullptr;
}

void Network::hang_up(const ConnectionPointer& connection) {
  connection->worker_end = false;
  clock::time_point end = std::max(time_.now() + latency_, black_until_);
  if (!connection->up.frames.empty()) end = std::max(end, connection->up.frames.back().first);
  time_.at(end + 1ms, [this, connection] { end_master_side(connection); });
}

void Network::break_for(std::chrono::milliseconds time, std::chrono::milliseconds master_late) {
  down_until_ = std::max(down_until_, time_.now() + time);
  if (const auto connection = wire_ ? wire_->connection : nullptr) {
    end_worker_side(connection);
    time_.after(master_late, [this, connection] { end_master_side(connection); });
    whole_since_ = std::max(whole_since_, time_.now() + master_late);
  }
}

void Network::vanish_for(std::chrono::milliseconds time) {
  if (time_.now() >= black_until_) black_since_ = time_.now();
  black_until_ = std::max(black_until_, time_.now() + time);
  const auto connection = wire_ ? wire_->connection : nullptr;
  if (!connection) return;
  time_.after(master_forgets, [this, connection] {
    if (silent_for(master_forgets)) end_master_side(connection);
  });
  time_.after(worker_gives_up, [this, connection] {
    if (silent_for(worker_gives_up)) end_worker_side(connection);
  });
  // Whoever writes to a connection that has ended at the other side is told.
  time_.at(black_until_ + 2 * latency_, [this, connection] {
    if (!connection->master_end) end_worker_side(connection);
  });
}

clock::time_point Network::whole_since() const {
  return std::max({whole_since_, down_until_, black_until_, full_until_});
}

}  // namespace katydid::simulated
