#pragma once

#include "worker/process/health.hpp"

#include <asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <string_view>

namespace katydid {

/// What the names of the sockets begin with. The process id and a number by chance follow: containers may share a
/// network, and with it these names, and each has a process 1.
inline constexpr std::string_view health_socket_prefix = "katydid-health/";

/// Answers `katydid --health` on a socket in Linux's abstract namespace: it needs no file system, and leaves nothing
/// when the process is killed. Who connects is sent one line and nothing is read. It costs nothing while nobody asks.
/// On other systems, and where there can be no such socket, it does nothing.
class HealthServer {
 public:
  /// `look` is called on the executor for each question. It answers later, or never: then the asker gives up.
  HealthServer(const asio::any_io_executor& executor, std::function<void(HealthCallback answer)> look);
  ~HealthServer();
  HealthServer(const HealthServer&) = delete;
  HealthServer& operator=(const HealthServer&) = delete;

 private:
  class Listener;
  std::shared_ptr<Listener> listener_;
};

}  // namespace katydid
