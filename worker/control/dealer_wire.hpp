#pragma once

#include "protocol/dealer.hpp"
#include "worker/control/master_wire.hpp"

#include <asio/any_io_executor.hpp>

#include <memory>

namespace katydid {

/// The line to a real master, on ZeroMQ. Logs what is wrong with the address.
class DealerWire final : public MasterWire {
 public:
  /// Throws std::runtime_error when the endpoint is no endpoint.
  DealerWire(const asio::any_io_executor& executor, protocol::DealerOptions options);
  ~DealerWire() override;

  void listen(std::function<void(std::string_view frame)> received) override;
  bool connected() const override;
  bool heard() const override;
  std::uint64_t losses() const override;
  bool send(std::string_view frame) override;
  void reconnect() override;
  void close(std::chrono::milliseconds linger) override;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace katydid
