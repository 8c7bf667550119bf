#pragma once

#include "tests/simulated/virtual_time.hpp"
#include "worker/control/master_wire.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace katydid::simulated {

/// What lies between one worker's DEALER and the ROUTER of its master: connections, each of which keeps the order of
/// frames and loses those that are under way when it breaks. As ZeroMQ does, the worker's end connects again by itself,
/// and the master's end ignores a second connection as long as it holds the first.
class Network {
 public:
  /// Who wants to know what becomes of frames: of the worker's, where nothing else is said.
  struct Observer {
    virtual void sent(std::string_view frame) = 0;
    virtual void lost(std::string_view frame) = 0;
    /// Of the master, at the worker.
    virtual void arrived(std::string_view frame) = 0;

   protected:
    ~Observer() = default;
  };

  Network(VirtualTime& time, Observer& observer) : time_(time), observer_(observer) {}

  /// The worker's end; with what protocol/dealer.cpp does beyond ZeroMQ.
  std::unique_ptr<MasterWire> make_wire(VirtualThread& worker);

  /// A master begins to listen, or ends.
  void master_comes(std::function<void(std::string frame)> received);
  void master_goes();
  /// To whoever holds the identity; nobody: it is dropped.
  void send_to_worker(std::string frame);

  void set_latency(std::chrono::milliseconds latency) { latency_ = latency; }
  /// The connection breaks, and none is made for so long. The master notices so much later.
  void break_for(std::chrono::milliseconds time, std::chrono::milliseconds master_late);
  /// Nothing gets through, and nobody is told.
  void vanish_for(std::chrono::milliseconds time);
  void fill_queue_for(std::chrono::milliseconds time) { full_until_ = time_.now() + time; }

  /// From when on nothing keeps the two apart.
  clock::time_point whole_since() const;
  std::chrono::milliseconds latency() const { return latency_; }

 private:
  struct Connection;
  class Wire;
  using ConnectionPointer = std::shared_ptr<Connection>;

  /// One direction of a connection.
  struct Pipe {
    std::deque<std::pair<clock::time_point, std::string>> frames;
    bool pumping = false;
  };

  bool silent_for(std::chrono::seconds time) const {
    return time_.now() < black_until_ && time_.now() - black_since_ >= time;
  }
  bool down() const { return time_.now() < down_until_ || time_.now() < black_until_; }
  void connect_later(Wire& wire, std::chrono::milliseconds delay);
  void try_to_connect(Wire& wire);
  void push(const ConnectionPointer& connection, bool up, std::string frame);
  void pump(const ConnectionPointer& connection, bool up);
  void deliver(Connection& connection, bool up, std::string frame);
  void end_worker_side(const ConnectionPointer& connection);
  void end_master_side(const ConnectionPointer& connection);
  void hang_up(const ConnectionPointer& connection);
  void lose(Pipe& pipe, bool up);

  VirtualTime& time_;
  Observer& observer_;
  Wire* wire_ = nullptr;
  std::function<void(std::string)> master_;
  ConnectionPointer held_;  // by the master, for the worker's identity
  std::chrono::milliseconds latency_{1};
  clock::time_point down_until_{}, black_since_{}, black_until_{}, full_until_{}, whole_since_{};
};

}  // namespace katydid::simulated
