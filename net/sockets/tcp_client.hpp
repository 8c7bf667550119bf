#pragma once

#include "base/task.hpp"
#include "net/sockets/network.hpp"
#include "net/sockets/socket_error.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace katydid {

/// No strings in it: GCC 12 would spoil them where options stand in a co_await.
struct TcpOptions {
  bool tls = false;
  bool verify = true;                                   ///< check the server's certificate, and that it is for the host
  std::string_view ca_file{};                           ///< to trust: PEM, or a folder that OpenSSL's rehash made
  std::string_view client_certificate{}, client_key{};  ///< PEM files
  std::chrono::milliseconds connect_timeout{60'000};    ///< for name, connection and TLS; zero: none
  std::chrono::milliseconds timeout{60'000};            ///< for each read and each write; zero: none
  std::size_t most_unread = 1 << 24;  ///< bytes; what read_until() would have to keep beyond is an error
};

/// A TCP connection of a user, for protocols of its own: `TcpClient client = make_tcp_client();`, a member of the user.
///
///     co_await client.connect("example.com", 7000, {.tls = true});
///     co_await client.write("ping\n");
///     const std::string answer = co_await client.read_until("\n");
///
/// Waiting suspends the user, not the shard. What goes wrong is thrown as SocketError. Names are looked up as for HTTP,
/// and --resolve and --source-address hold. It counts nothing: the user reports what a request is by record(). One
/// coroutine may read while another one writes. A user who is to stop while it reads is given the same moment for it as
/// for a request.
class TcpClient {
 public:
  explicit TcpClient(Network network);
  ~TcpClient();
  TcpClient(const TcpClient&) = delete;
  TcpClient& operator=(const TcpClient&) = delete;

  /// Closes the connection that there was.
  task<> connect(std::string_view host, std::uint16_t port, const TcpOptions& options = {});
  /// Hands it to the system; waits only while the peer takes too little. An error of the connection may only show at
  /// the next read.
  task<> write(std::string bytes);
  /// What has come, or else what comes next; "" at the end.
  task<std::string> read(std::size_t most = 64 * 1024);
  /// So many bytes; when the connection ends before, that is an error.
  task<std::string> read_exactly(std::size_t size);
  /// What stands before the delimiter, which is taken, too; when the connection ends before, that is an error.
  task<std::string> read_until(std::string delimiter);
  /// Drops what was not read; whoever waits for it gets an error.
  void close();
  /// It was made, and neither side has ended it yet.
  bool is_open() const;

 private:
  class Connection;
  Connection& connection() const;
  task<> open();

  Network network_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace katydid
