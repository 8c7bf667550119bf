#pragma once

#include "base/task.hpp"
#include "net/sockets/network.hpp"
#include "net/sockets/socket_error.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace katydid {

/// UDP of a user, to one server: `UdpClient client = make_udp_client();`, a member of the user.
///
///     co_await client.connect("example.com", 5353);
///     co_await client.send("ping");
///     const std::string answer = co_await client.receive(500ms);
///
/// Waiting suspends the user, not the shard. What goes wrong is thrown as SocketError; that nobody listens there shows
/// at the next call. Names, --resolve, --source-address, counting and a user who is to stop: as with TcpClient.
class UdpClient {
 public:
  explicit UdpClient(Network network);
  ~UdpClient();
  UdpClient(const UdpClient&) = delete;
  UdpClient& operator=(const UdpClient&) = delete;

  /// Sends nothing: it says where send() goes, and from whom receive() takes. The limit is for the name.
  task<> connect(std::string host, std::uint16_t port, std::chrono::milliseconds limit = std::chrono::seconds(60));
  task<> send(std::string datagram);
  /// The next one, which may be empty. Answers come in any order, or not at all: compare what they say.
  task<std::string> receive(std::chrono::milliseconds limit);
  void close();

 private:
  int open_socket() const;
  std::string place() const;

  Network network_;
  std::string host_;
  std::uint16_t port_ = 0;
  int socket_ = -1;
};

}  // namespace katydid
