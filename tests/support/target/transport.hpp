#pragma once

#include "tests/support/target/asio.hpp"
#include "tests/support/target/task.hpp"

#include <openssl/ssl.h>
#include <sys/types.h>

#include <memory>

namespace katydid::target {

/// A connected socket, plain or with TLS over it.
class Transport {
 public:
  /// Without `tls` the connection is plain.
  Transport(Socket socket, SSL_CTX* tls);

  /// What a call that never waits achieved. `gone`: the peer closed, or the connection broke.
  struct Moved {
    std::size_t bytes = 0;
    bool gone = false;
  };
  Moved read_now(char* data, std::size_t size);
  Moved write_now(const char* data, std::size_t size);

  /// False when the peer is gone.
  Task<bool> handshake();
  /// Waits for bytes; 0 when the peer is gone.
  Task<std::size_t> read(char* data, std::size_t size);
  /// After a write_now() that moved less than it was given: waits until it may get further; false when the connection
  /// was closed here.
  Task<bool> writable() { return wanted(); }

  template <class Handler>
  void when_readable(Handler handler) {
    socket_.async_wait(Socket::wait_read, std::move(handler));
  }
  /// Ends what waits, with asio::error::operation_aborted.
  void cancel();

  /// Says that nothing more will be written; reading goes on.
  void finish_writing();
  void close();
  /// Closes with a TCP reset.
  void reset();
  bool is_open() const { return socket_.is_open(); }

  /// From here on the kernel says when bytes arrived, where it can and the connection is plain.
  void stamp_arrivals();
  /// When the last bytes that were read arrived in the kernel; else, the beginning of the clock.
  Clock::time_point last_arrival() const { return last_arrival_; }

  bool has_tls() const { return ssl_ != nullptr; }
  /// Subject of the certificate that the client showed; empty without.
  std::string client_subject() const;

 private:
  Task<bool> wanted();
  ssize_t receive(char* data, std::size_t size);
  /// After a TLS call returned `result`: nothing to do but wait (the direction is kept), or the end.
  Moved tls_stopped(int result);

  struct FreeSsl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  Socket socket_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
  Socket::wait_type wanted_ = Socket::wait_read;
  bool tls_broken_ = false;
  bool stamps_ = false;
  Clock::time_point last_arrival_{};
};

}  // namespace katydid::target
