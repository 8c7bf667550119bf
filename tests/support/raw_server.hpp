#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace katydid {

/// A server that does exactly what a test wants, byte by byte: `talk` gets one accepted connection after another, on a
/// thread of the server's, or all at once, on a thread each; the connection is closed when it returns.
class RawServer {
 public:
  enum class Serving { one_by_one, at_once };
  explicit RawServer(std::function<void(int fd)> talk, Serving serving = Serving::one_by_one);
  /// Breaks off the connections that are talked on.
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  std::uint16_t port() const { return port_; }
  std::string url(std::string_view path = "") const;

  /// What came up to the end of a head; "" when the connection was closed.
  static std::string read_head(int fd);
  static void write(int fd, std::string_view bytes);
  /// Until the other side closes.
  static void wait_for_close(int fd);
  /// Passes bytes on between two connections until one is closed.
  static void relay(int one, int other);
  /// A connection to a port of 127.0.0.1.
  static int connect(std::uint16_t port);

 private:
  void serve();
  void converse(int fd);

  std::function<void(int)> talk_;
  Serving serving_;
  int listener_ = -1;
  int stop_[2] = {-1, -1};
  std::uint16_t port_ = 0;
  std::thread thread_;
};

/// A port of 127.0.0.1 on which nobody listens, for as long as this lives.
class ClosedPort {
 public:
  ClosedPort();
  ~ClosedPort();
  ClosedPort(const ClosedPort&) = delete;
  ClosedPort& operator=(const ClosedPort&) = delete;
  std::uint16_t port() const { return port_; }

 private:
  int fd_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace katydid
