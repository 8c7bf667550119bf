#pragma once

#include "tests/support/target/loop.hpp"
#include "tests/support/target/task.hpp"

#include <openssl/ssl.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace katydid::target {

using Loops = std::vector<std::unique_ptr<Loop>>;

/// Where to listen, for the kernel and for people.
struct Address {
  Stream::endpoint endpoint;
  std::string name;
};
/// Of a host such as "127.0.0.1", "localhost", "::" or "[::]"; throws std::runtime_error when there is none.
Address tcp_address(std::string host, std::uint16_t port);
/// Clears away the socket file of a server that is no more; throws when one is listening there.
Address unix_address(const std::string& path);

/// Accepts connections on the first loop and deals them out to all loops in turn.
class Listener {
 public:
  /// Binds and listens; throws std::runtime_error naming the address. Without `tls` the connections are plain.
  Listener(Loops& loops, const Address& address, SSL_CTX* tls);

  /// Accepts until close(). Both on the first loop's thread.
  static Detached start(std::shared_ptr<Listener> self);
  void close();

  /// Of a TCP listener.
  std::uint16_t port() const;

 private:
  Task<> run();
  std::error_code accept_some();
  void hand_over(Loop& loop, Socket socket);

  Loops& loops_;
  SSL_CTX* tls_;
  Acceptor acceptor_;
  Timer pause_;
  std::string name_;
  std::size_t next_ = 0;
  bool closed_ = false;
  bool warned_ = false;
};

}  // namespace katydid::target
