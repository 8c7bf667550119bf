#include "worker/control/asio_control_loop.hpp"

#include <asio/post.hpp>
#include <asio/steady_timer.hpp>

#include <cstdint>
#include <utility>

namespace katydid {
namespace {

/// Asio can't take back a call that is due and waits for its turn: such a call finds that another one is current.
class AsioTimer final : public ControlLoop::Timer {
 public:
  explicit AsioTimer(const asio::any_io_executor& executor) : timer_(executor) {}
  ~AsioTimer() override { ++*current_; }

  void start(std::chrono::nanoseconds delay, std::function<void()> call) override {
    timer_.expires_after(delay);
    timer_.async_wait([call = std::move(call), current = current_, mine = ++*current_](const asio::error_code& error) {
      if (!error && *current == mine) call();
    });
  }
  void cancel() override {
    ++*current_;
    timer_.cancel();
  }

 private:
  asio::steady_timer timer_;
  std::shared_ptr<std::uint64_t> current_ = std::make_shared<std::uint64_t>(0);
};

}  // namespace

void AsioControlLoop::post(std::function<void()> work) { asio::post(executor_, std::move(work)); }

std::unique_ptr<ControlLoop::Timer> AsioControlLoop::make_timer() { return std::make_unique<AsioTimer>(executor_); }

}  // namespace katydid
