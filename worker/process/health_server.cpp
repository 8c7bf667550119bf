#include "worker/process/health_server.hpp"

#include "worker/log/log.hpp"

#include <asio/local/stream_protocol.hpp>
#include <asio/steady_timer.hpp>
#include <asio/write.hpp>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <random>
#include <string>
#include <system_error>
#include <utility>

namespace katydid {

#ifdef __linux__
namespace {

using asio::local::stream_protocol;
constexpr log::Logger logger{"katydid.worker"};
constexpr std::size_t most_askers = 16;

std::string socket_name() {
  return std::string(1, '\0') + std::string(health_socket_prefix) + std::to_string(::getpid()) + "-" +
         std::to_string(std::random_device()());
}

/// Programs that users start would keep the name alive.
void close_on_exec(int descriptor) { ::fcntl(descriptor, F_SETFD, FD_CLOEXEC); }

bool may_ask(int connection) {
  ucred asker{};
  socklen_t size = sizeof asker;
  if (::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &asker, &size) != 0) return false;
  return asker.uid == ::geteuid() || asker.uid == 0;
}

}  // namespace

class HealthServer::Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(const asio::any_io_executor& executor, std::function<void(HealthCallback)> look)
      : acceptor_(executor, stream_protocol::endpoint(socket_name())), look_(std::move(look)) {
    close_on_exec(acceptor_.native_handle());
  }

  void accept() {
    acceptor_.async_accept([self = shared_from_this()](asio::error_code error, stream_protocol::socket connection) {
      if (!self->look_ || error == asio::error::operation_aborted) return;
      if (error) return self->accept_later();
      self->serve(std::move(connection));
      self->accept();
    });
  }

  void end() {
    look_ = nullptr;
    asio::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
  }

 private:
  /// No descriptor is left, for one: who asks is still there, and must not keep this thread busy.
  void accept_later() {
    pause_.expires_after(std::chrono::seconds(1));
    pause_.async_wait([self = shared_from_this()](asio::error_code error) {
      if (!error) self->accept();
    });
  }

  void serve(stream_protocol::socket connection) {
    close_on_exec(connection.native_handle());
    if (askers_ == most_askers || !may_ask(connection.native_handle())) return;
    ++askers_;
    const std::shared_ptr<void> asker(nullptr, [self = shared_from_this()](void*) { --self->askers_; });
    const auto shared = std::make_shared<stream_protocol::socket>(std::move(connection));
    look_([shared, asker](const Health& health) {
      const auto line = std::make_shared<std::string>((health.well ? "well " : "ill ") + health.text + "\n");
      asio::async_write(*shared, asio::buffer(*line), [shared, asker, line](asio::error_code, std::size_t) {});
    });
  }

  stream_protocol::acceptor acceptor_;
  asio::steady_timer pause_{acceptor_.get_executor()};
  std::function<void(HealthCallback)> look_;
  std::size_t askers_ = 0;
};

HealthServer::HealthServer(const asio::any_io_executor& executor, std::function<void(HealthCallback)> look) {
  try {
    listener_ = std::make_shared<Listener>(executor, std::move(look));
    listener_->accept();
  } catch (const std::system_error& error) {
    logger.warning("katydid --health will not find this process: {}", error.what());
  }
}

HealthServer::~HealthServer() {
  if (listener_) listener_->end();
}

#else

class HealthServer::Listener {};
HealthServer::HealthServer(const asio::any_io_executor&, std::function<void(HealthCallback)>) {}
HealthServer::~HealthServer() = default;

#endif

}  // namespace katydid
