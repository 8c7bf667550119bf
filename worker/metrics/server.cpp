#include "worker/metrics/server.hpp"

#include "worker/log/log.hpp"
#include "worker/metrics/scrape_request.hpp"

#include <asio/steady_timer.hpp>
#include <asio/write.hpp>

#include <array>
#include <chrono>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace katydid::metrics {
namespace {

constexpr log::Logger logger{"katydid.metrics"};
constexpr std::chrono::seconds patience{10};  // Prometheus's own

std::string answer(std::string_view status, std::string_view type, std::string_view body, std::size_t length) {
  std::string text = "HTTP/1.1 ";
  text.append(status).append("\r\nContent-Type: ").append(type);
  text.append("\r\nContent-Length: ").append(std::to_string(length));
  return text.append("\r\nConnection: close\r\n\r\n").append(body);
}

std::string answer(std::string_view status, std::string_view why) {
  return answer(status, "text/plain; charset=utf-8", why, why.size());
}

std::string answer_to(ScrapeRequest::Kind kind, const std::function<std::string()>& page) {
  constexpr std::string_view type = "text/plain; version=0.0.4; charset=utf-8";
  switch (kind) {
    case ScrapeRequest::Kind::page: {
      const std::string body = page();
      return answer("200 OK", type, body, body.size());
    }
    case ScrapeRequest::Kind::head:
      return answer("200 OK", type, "", page().size());
    case ScrapeRequest::Kind::elsewhere:
      return answer("404 Not Found", "The metrics of this katydid are at /metrics\n");
    case ScrapeRequest::Kind::not_allowed:
      return answer("405 Method Not Allowed", "GET /metrics is all there is\n");
    case ScrapeRequest::Kind::malformed:
      break;
  }
  return answer("400 Bad Request", "This is no request\n");
}

}  // namespace

class Server::Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(asio::ip::tcp::socket socket, std::shared_ptr<const std::function<std::string()>> page,
             std::shared_ptr<std::size_t> open)
      : socket_(std::move(socket)), timer_(socket_.get_executor()), page_(std::move(page)), open_(std::move(open)) {
    ++*open_;
  }
  ~Connection() { --*open_; }

  void start() {
    timer_.expires_after(patience);
    timer_.async_wait([self = weak_from_this()](asio::error_code error) {
      const auto connection = self.lock();
      if (!error && connection) connection->close();
    });
    read();
  }

 private:
  void read() {
    socket_.async_read_some(asio::buffer(piece_), [self = shared_from_this()](asio::error_code error, std::size_t n) {
      if (error) return self->close();
      self->received_.append(self->piece_.data(), n);
      const auto kind = ScrapeRequest::parse(self->received_);
      if (!kind) return self->read();
      self->answer_ = answer_to(*kind, *self->page_);
      asio::async_write(self->socket_, asio::buffer(self->answer_),
                        [self](asio::error_code, std::size_t) { self->close(); });
    });
  }
  void close() {
    asio::error_code ignored;
    timer_.cancel();
    socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
  }

  asio::ip::tcp::socket socket_;
  asio::steady_timer timer_;
  std::shared_ptr<const std::function<std::string()>> page_;
  std::shared_ptr<std::size_t> open_;
  std::array<char, 1024> piece_;
  std::string received_, answer_;
};

Server::Server(const asio::any_io_executor& executor, const ServerOptions& options, std::function<std::string()> page)
    : acceptor_(executor),
      pause_(executor),
      page_(std::make_shared<const std::function<std::string()>>(std::move(page))) {
  using asio::ip::tcp;
  const bool is_v6 = options.host.find(':') != std::string::npos;
  const std::string where = (is_v6 ? "[" + options.host + "]" : options.host) + ":";
  try {
    const tcp::endpoint endpoint(asio::ip::make_address(options.host), options.port);
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(tcp::acceptor::reuse_address(true));
    acceptor_.bind(endpoint);
    acceptor_.listen();
  } catch (const asio::system_error& error) {
    throw std::runtime_error("argument --metrics-port: can't listen on " + where + std::to_string(options.port) + ": " +
                             error.code().message() + ". Choose a free port, and an address of this machine.");
  }
  url_ = "http://" + where + std::to_string(acceptor_.local_endpoint().port()) + "/metrics";
  logger.info("Metrics are at {}", url_);
  accept();
}

Server::~Server() = default;

void Server::accept() {
  acceptor_.async_accept([this](asio::error_code error, asio::ip::tcp::socket socket) {
    if (error == asio::error::operation_aborted) return;
    if (!error) {
      if (*open_ < max_connections) std::make_shared<Connection>(std::move(socket), page_, open_)->start();
      return accept();
    }
    pause_.expires_after(std::chrono::seconds(1));  // users may have all descriptors that there are
    pause_.async_wait([this](asio::error_code cancelled) {
      if (!cancelled) accept();
    });
  });
}

}  // namespace katydid::metrics
