#pragma once

#include "tests/support/target/exchange.hpp"
#include "tests/support/target/input.hpp"
#include "tests/support/target/request.hpp"
#include "tests/support/target/transport.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace katydid::target {

struct Loop;
struct Route;

/// One client's connection: reads requests, has the routes answer them one after another.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  /// On the loop's thread, as everything here.
  Connection(Loop& loop, Socket socket, SSL_CTX* tls);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  /// Serves until the connection ends.
  static Detached start(std::shared_ptr<Connection> self);
  /// Breaks the connection off.
  void abort();

 private:
  friend class Exchange;

  Task<> run();
  Task<Exchange::After> serve(const Route* route, std::string_view argument);
  Task<> refuse(const Request::Refusal& refusal);
  Task<> linger();
  Task<bool> wait(std::chrono::nanoseconds duration);
  void watch(std::uint64_t turn);

  Loop& loop_;
  Shared& shared_;
  CounterShard& counters_;
  std::uint64_t counted_as_;  // connection in the counters; see CounterShard::open_connection
  bool counted_ = true;
  Transport transport_;
  Input input_{transport_};
  Timer timer_;
  Request request_;
  std::string output_;  // the answer being sent, kept for its capacity
  std::size_t requests_ = 0;
  Clock::time_point received_{};  // when the request was there
  std::size_t scanned_ = 0;       // of the input, for the end of the head
  std::uint64_t watch_turn_ = 0;  // a watch or a deadline of an earlier turn is none of ours
  bool gone_ = false;
};

}  // namespace katydid::target
