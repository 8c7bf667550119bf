#pragma once

#include "worker/control/control_loop.hpp"

#include <asio/any_io_executor.hpp>

namespace katydid {

/// The control plane of a process: its thread is the one that runs the executor's context.
class AsioControlLoop final : public ControlLoop {
 public:
  explicit AsioControlLoop(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  clock::time_point now() const override { return clock::now(); }
  void post(std::function<void()> work) override;
  std::unique_ptr<Timer> make_timer() override;

 private:
  asio::any_io_executor executor_;
};

}  // namespace katydid
