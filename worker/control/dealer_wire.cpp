#include "worker/control/dealer_wire.hpp"

#include "worker/log/log.hpp"

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>

#include <string>
#include <utility>

namespace katydid {
namespace {
constexpr log::Logger logger{"katydid.worker"};
}  // namespace

/// Lives as long as a receive() that has not noticed yet that the wire is closed.
struct DealerWire::Shared {
  Shared(const asio::any_io_executor& e, protocol::DealerOptions options)
      : executor(e), dealer(e, std::move(options)) {}

  static asio::awaitable<void> receive_all(std::shared_ptr<Shared> self) {
    while (self->received) {
      std::string frame;
      try {
        frame = co_await self->dealer.receive();
      } catch (const std::exception& error) {
        if (!self->received) co_return;
        logger.error("receiving from the master failed: {}", error.what());
        self->dealer.reconnect();
        continue;
      }
      if (const auto call = self->received) call(frame);
    }
  }

  asio::any_io_executor executor;
  protocol::Dealer dealer;
  std::function<void(std::string_view)> received;
};

DealerWire::DealerWire(const asio::any_io_executor& executor, protocol::DealerOptions options)
    : shared_(std::make_shared<Shared>(executor, std::move(options))) {
  if (!shared_->dealer.warning().empty()) logger.warning("{}", shared_->dealer.warning());
}

DealerWire::~DealerWire() { close({}); }

void DealerWire::listen(std::function<void(std::string_view frame)> received) {
  shared_->received = std::move(received);
  asio::co_spawn(shared_->executor, Shared::receive_all(shared_), asio::detached);
}

bool DealerWire::connected() const { return shared_->dealer.connected(); }
bool DealerWire::heard() const { return shared_->dealer.heard(); }
std::uint64_t DealerWire::losses() const { return shared_->dealer.losses(); }
bool DealerWire::send(std::string_view frame) { return shared_->dealer.send(frame); }
void DealerWire::reconnect() { shared_->dealer.reconnect(); }

void DealerWire::close(std::chrono::milliseconds linger) {
  shared_->received = nullptr;
  shared_->dealer.close(linger);
}

}  // namespace katydid
