#include "tests/support/target/listener.hpp"

#include "tests/support/target/connection.hpp"

#include <asio/ip/tcp.hpp>
#include <asio/ip/v6_only.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/post.hpp>

#include <filesystem>

namespace katydid::target {
namespace {

constexpr int backlog = 65535;  // the kernel cuts it to net.core.somaxconn
constexpr int most_at_once = 64;
constexpr auto pause_without_descriptors = std::chrono::milliseconds(20);

[[noreturn]] void cannot_listen(const std::string& name, const std::string& reason) {
  throw std::runtime_error("cannot listen on " + name + ": " + reason);
}

}  // namespace

Listener::Listener(Loops& loops, const Address& address, SSL_CTX* tls)
    : loops_(loops),
      tls_(tls),
      acceptor_(loops.front()->context.get_executor()),
      pause_(loops.front()->context.get_executor()),
      name_(address.name) {
  const auto& endpoint = address.endpoint;
  try {
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(asio::socket_base::reuse_address(true));
    if (endpoint.protocol().family() == AF_INET6) acceptor_.set_option(asio::ip::v6_only(false));
    acceptor_.bind(endpoint);
    acceptor_.listen(backlog);
    acceptor_.non_blocking(true);
  } catch (const std::system_error& error) {
    cannot_listen(name_, error.code().message());
  }
  if (name_.ends_with(":0")) name_.replace(name_.size() - 1, 1, std::to_string(port()));
}

Detached Listener::start(std::shared_ptr<Listener> self) {
  try {
    co_await self->run();
  } catch (const std::exception& error) {
    self->loops_.front()->shared.log("no more connections on " + self->name_ + ": " + error.what());
  }
}

Task<> Listener::run() {
  while (!closed_) {
    const auto error = accept_some();
    if (!error || error == asio::error::would_block) {
      co_await Operation([&](auto handler) { acceptor_.async_wait(Acceptor::wait_read, std::move(handler)); });
      continue;
    }
    // Out of descriptors or memory, mostly: the connections wait in the backlog until others have closed.
    if (!warned_) {
      loops_.front()->shared.log("cannot accept on " + name_ + ": " + error.message() +
                                 "; waiting for connections to close (raise the limit of open files, ulimit -n)");
    }
    warned_ = true;
    pause_.expires_after(pause_without_descriptors);
    co_await Operation([&](auto handler) { pause_.async_wait(std::move(handler)); });
  }
}

/// Not one by one: thousands of clients that connect at once must not overflow the backlog, nor keep the others
/// waiting.
std::error_code Listener::accept_some() {
  std::error_code error;
  for (int i = 0; i < most_at_once; ++i) {
    auto& loop = *loops_[next_];
    Socket socket(loop.context.get_executor());
    acceptor_.accept(socket, error);
    if (error) break;
    next_ = (next_ + 1) % loops_.size();
    hand_over(loop, std::move(socket));
  }
  return error;
}

void Listener::hand_over(Loop& loop, Socket socket) {
  const auto start = [&loop, tls = tls_](Socket connected) {
    if (!loop.stopping) Connection::start(std::make_shared<Connection>(loop, std::move(connected), tls));
  };
  if (&loop == loops_.front().get()) return start(std::move(socket));
  asio::post(loop.context, [start, socket = std::move(socket)]() mutable { start(std::move(socket)); });
}

void Listener::close() {
  closed_ = true;
  std::error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

std::uint16_t Listener::port() const {
  const auto endpoint = acceptor_.local_endpoint();
  asio::ip::tcp::endpoint tcp;
  std::memcpy(tcp.data(), endpoint.data(), endpoint.size());
  tcp.resize(endpoint.size());
  return tcp.port();
}

Address tcp_address(std::string host, std::uint16_t port) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  const bool six = host.find(':') != std::string::npos;
  const auto name = (six ? "[" + host + "]" : host) + ":" + std::to_string(port);
  std::error_code error;
  const auto address = asio::ip::make_address(host, error);
  if (!error) return {asio::ip::tcp::endpoint(address, port), name};
  asio::io_context context;
  asio::ip::tcp::resolver resolver(context);
  const auto found = resolver.resolve(host, std::to_string(port), error);
  if (error || found.empty()) cannot_listen(name, error.message());
  return {found.begin()->endpoint(), name};
}

Address unix_address(const std::string& path) {
  std::error_code error;
  try {
    const asio::local::stream_protocol::endpoint endpoint(path);
    if (std::filesystem::is_socket(path, error)) {
      asio::io_context context;
      asio::local::stream_protocol::socket probe(context);
      probe.connect(endpoint, error);
      if (!error) cannot_listen(path, "another server listens there");
      std::filesystem::remove(path, error);
    }
    return {endpoint, path};
  } catch (const std::system_error& too_long) {
    cannot_listen(path, too_long.code().message());
  }
}

}  // namespace katydid::target
