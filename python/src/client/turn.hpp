#pragma once

#include "python/src/client/asyncio_future.hpp"

#include <nanobind/nanobind.h>

#include <exception>
#include <utility>

namespace katydid::python {

/// `Turn(what)`: a future of asyncio's that ends when `what` calls back, which has `wait(callback)` and
/// `stop_waiting()`. It is the callback itself.
class Turn final : public AsyncioFuture {
 public:
  explicit Turn(nb::object loop) : loop_(std::move(loop)) {}
  void wait_for(nb::object what);
  /// It has called back; throws what a task that ends the loop has raised.
  void came();

  PySendResult send(PyObject** result);
  void result() const;
  void exception() const { result(); }
  bool done() const { return came_ || cancelled(); }
  bool cancel_future(nb::object message);
  const nb::object& loop() const { return loop_; }
  nb::object get_loop() const { return getter_of(loop_); }

 private:
  nb::object loop_, what_;
  bool came_ = false;
};

void bind_turn(nb::module_& m);

}  // namespace katydid::python
