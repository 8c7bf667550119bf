#pragma once

#include "protocol/dealer.hpp"
#include "protocol/message.hpp"
#include "worker/master_link.hpp"
#include "worker/process/usage.hpp"
#include "worker/reports_under_way.hpp"
#include "worker/wrong_address.hpp"

#include <asio/awaitable.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <nanobind/nanobind.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace katydid::python {

/// `Link`: the connection of a Python worker to its master, on a thread that needs no GIL. Heartbeats leave on time
/// however long Python computes. What is sent is kept until there is a connection that takes it.
class LinkObject {
 public:
  /// Throws std::runtime_error when the address is none.
  LinkObject(std::string host, std::uint16_t port, std::string node_id);
  ~LinkObject();
  LinkObject(const LinkObject&) = delete;
  LinkObject& operator=(const LinkObject&) = delete;

  /// A message of that type; a report has the number of its requests.
  void send(std::string frame, std::string_view type, std::uint64_t requests);
  /// The next frame of the master, if there is one.
  std::optional<std::string> receive();
  /// Readable while receive() has something.
  int fileno() const { return readable_; }
  /// From now on a heartbeat says so, at once and then in that interval.
  void heartbeat(protocol::State state, std::chrono::nanoseconds interval);
  /// A new connection with the same identity.
  void reconnect();
  /// Gives what is to be sent so long to leave. Nothing can be sent or received after it.
  void close(std::chrono::milliseconds linger);
  /// What is wrong with the address, or "".
  const std::string& warning() const { return warning_; }

 private:
  // All on the thread.
  asio::awaitable<void> receive_all();
  void next_tick();
  void tick();
  void flush();
  void keep(std::string frame);
  /// Whether the frame is for this worker.
  bool learn_from(std::string_view frame);
  void look_for_loss();
  void look_for_lost_master();
  bool takes_reports() const;

  struct Outgoing {
    std::string frame;
    bool is_ready = false, is_report = false;
    std::uint64_t requests = 0;
  };

  static constexpr std::size_t most_frames = 10'000;

  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
  std::optional<protocol::Dealer> dealer_;
  asio::steady_timer timer_{context_};
  std::string node_id_, warning_;
  std::deque<Outgoing> outgoing_;
  ReportsUnderWay under_way_;
  WrongAddress wrong_address_;
  std::chrono::steady_clock::time_point last_heard_;
  bool broke_since_heard_ = false, told_lost_ = false;
  std::optional<protocol::State> state_;
  std::chrono::nanoseconds heartbeat_interval_ = LinkTiming{}.heartbeat;
  std::optional<std::chrono::steady_clock::time_point> last_heartbeat_;
  ProcessUsage usage_{1};
  bool closing_ = false;

  std::mutex mutex_;  // guards incoming_ and what readable_ says of it
  std::deque<std::string> incoming_;
  int readable_ = -1, wake_ = -1;
  std::thread thread_;
};

void bind_link(nanobind::module_& m);

}  // namespace katydid::python
