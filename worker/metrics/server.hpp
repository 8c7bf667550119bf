#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace katydid::metrics {

/// Where Prometheus finds the metrics of a process.
struct ServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: a free one
};

/// Answers GET /metrics with a page that is made for each. On the executor of whoever makes it; few connections at a
/// time, each with one request and a limit of time.
class Server {
 public:
  /// Listens. Throws std::runtime_error where it can't.
  Server(const asio::any_io_executor& executor, const ServerOptions& options, std::function<std::string()> page);
  ~Server();

  /// http://127.0.0.1:9646/metrics
  const std::string& url() const { return url_; }

 private:
  class Connection;
  static constexpr std::size_t max_connections = 16;

  void accept();

  asio::ip::tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  std::shared_ptr<const std::function<std::string()>> page_;
  std::shared_ptr<std::size_t> open_ = std::make_shared<std::size_t>(0);
  std::string url_;
};

}  // namespace katydid::metrics
