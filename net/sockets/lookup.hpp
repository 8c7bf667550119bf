#pragma once

#include "net/context.hpp"
#include "net/loop.hpp"
#include "net/resolver.hpp"
#include "net/sockets/network.hpp"
#include "net/sockets/socket_error.hpp"

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

/// `co_await Lookup(network, host, port, deadline)`: the addresses of a host, with that port, in the order in which to
/// try them. Throws SocketError.
class Lookup : Resolution, Timer {
 public:
  /// The host must stay until it is over.
  Lookup(const Network& network, std::string_view host, std::uint16_t port, Loop::clock::time_point deadline)
      : Resolution(&Lookup::resolved),
        Timer(&Lookup::late),
        network_(network),
        host_(host),
        port_(port),
        deadline_(deadline) {}
  ~Lookup() {
    if (armed()) network_.loop->disarm(*this);
  }

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> waiting) {
    return suspend(waiting, *waiting.promise().context);
  }
  std::vector<SocketAddress> await_resume() const;

 private:
  bool suspend(std::coroutine_handle<> waiting, Context& context);
  static void resolved(Resolution& resolution);
  static void late(Timer& timer);

  const Network& network_;
  std::string_view host_;
  std::uint16_t port_;
  Loop::clock::time_point deadline_;
  std::coroutine_handle<> waiting_;
};

/// Where the sockets of a network come from; nothing where the system chooses. Throws SocketError.
std::optional<SocketAddress> source_of(const Network& network);

/// Of a socket that reached none of the addresses, the last one by that errno.
SocketError not_reached(const Network& network, std::string_view place, int error);

/// When a limit is over that begins now; zero is none.
Loop::clock::time_point deadline_after(std::chrono::milliseconds limit);

/// "host:port".
std::string place_of(std::string_view host, std::uint16_t port);

/// A moment that is given to a user who is to stop for what it waits for, as for a request.
class InFlight {
 public:
  explicit InFlight(Context& context) : context_(context.cancelled ? nullptr : &context) {
    if (context_) ++context_->requests_in_flight;
  }
  ~InFlight() {
    if (context_) context_->request_done();
  }
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;

 private:
  Context* context_;
};

}  // namespace katydid
