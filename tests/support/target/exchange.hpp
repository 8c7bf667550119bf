#pragma once

#include "tests/support/target/asio.hpp"
#include "tests/support/target/body.hpp"
#include "tests/support/target/counters.hpp"
#include "tests/support/target/request.hpp"
#include "tests/support/target/response.hpp"
#include "tests/support/target/shared.hpp"
#include "tests/support/target/text.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace katydid::target {

class Connection;

/// One request and its answer, as the routes see them. Counts the request: started when made, completed by send() or
/// finish(), aborted when it ends without.
class Exchange {
 public:
  /// What becomes of the connection.
  enum class After {
    keep,   ///< next request, if the client wants one
    close,  ///< says so in the answer, and closes when the client has got it
    drop,   ///< closes at once without having said so
    reset   ///< closes at once with a TCP reset
  };

  Exchange(Connection& connection, const Request& request, bool counted);
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange();

  const Request& request;
  std::string_view argument;  ///< what follows the route's prefix in the path: "10" of /bytes/10
  After after = After::keep;

  Query query() const { return Query(request.query); }
  Shared& shared() const;
  /// How many requests the connection has carried, this one included.
  std::size_t number_on_connection() const;
  /// When the request was here: when it was read, or arrived in the kernel, once stamp_arrivals() was called.
  Clock::time_point received() const;
  /// For the connection's further requests.
  void stamp_arrivals();
  /// "https" on TLS, else "http".
  std::string_view scheme() const;
  std::string client_subject() const;

  /// The next piece of the request's body, after a 100 Continue if the client waits for one; empty at the end.
  Task<std::string_view> next_piece();
  /// Reads what is left of the body; false when it never ends well.
  Task<bool> discard_body();
  const BodyReader& body() const { return body_; }

  /// Answers with a whole response.
  Task<> send(const Response& response);
  /// The same without waiting; false when the kernel has not taken everything: send_rest() then has to follow.
  bool send_now(const Response& response);
  Task<> send_rest();

  /// Head of an answer that the route then writes by itself.
  std::string head(int status, std::string_view headers) const;
  /// Writes a part of the answer; false when the client is gone.
  Task<bool> write(std::string_view bytes);
  /// Writes the last part. `status` is what the request is counted with.
  Task<> finish(std::string_view bytes, int status = 200);
  /// False when the client has gone away meanwhile, or the target stops.
  Task<bool> wait(std::chrono::nanoseconds duration);

 private:
  bool write_last_now();
  void compose(const Response& response);
  void compose_head(std::string& out, int status, std::string_view headers) const;

  Connection& connection_;
  BodyReader body_;
  CounterShard::Ticket ticket_;
  std::string_view rest_;  // of the last part of the answer
  int status_ = 200;       // of the answer
  bool counted_;
  bool completed_ = false;
  bool answered_ = false;   // the first byte of the answer is out: too late for 100 Continue
  bool continued_ = false;  // 100 Continue was sent
};

}  // namespace katydid::target
