#pragma once
#include "base/value.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace katydid::testing {

/// The socket of a Locust master: a ROUTER with the options of locust/rpc/zmqrpc.py and no opinion on what it hears.
/// For the thread that made it only.
class FakeMaster {
 public:
  struct Received {
    /// The connection's identity; Locust's master answers to it, and expects it in node_id too.
    std::string identity;
    std::string type;
    Value data;
    std::string node_id;
  };

  /// Port 0 takes a free one. Throws when the port is taken.
  explicit FakeMaster(std::uint16_t port = 0);
  ~FakeMaster();

  std::uint16_t port() const;

  /// Waits until one more connection is made and named, whether or not anything was received meanwhile: from then on
  /// its frames, and its clash with another of the same identity, are what the next receive() finds.
  bool wait_for_connection(std::chrono::milliseconds timeout);
  /// The next message; nothing when none came in time. Throws for a frame that is none.
  std::optional<Received> receive(std::chrono::milliseconds timeout);
  /// The next frame as it came, without its identity.
  std::optional<std::string> receive_frame(std::chrono::milliseconds timeout);
  /// As Locust's master does it: [identity, msgpack [type, data, identity]].
  void send(const std::string& identity, std::string_view type, const Value& data = {});
  void send_frame(const std::string& identity, std::string_view frame);
  /// One message of two parts.
  void send_parts(const std::string& identity, std::string_view first, std::string_view second);

 private:
  struct Socket;
  std::unique_ptr<Socket> socket_;
};

}  // namespace katydid::testing
