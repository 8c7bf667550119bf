#pragma once

#include "python/src/request.hpp"

#include <nanobind/nanobind.h>

#include <vector>

namespace katydid::python {

/// A request under way that is awaited, or entered by `async with`.
class AwaitedExchange : public Exchange {
 public:
  using Exchange::Exchange;

  /// The end of an `async with`: a response that the task judges is recorded.
  void leave_block() const;

 protected:
  nb::object response_;
};

/// `AwaitableRequest`: a request under way as asyncio's future, which a task resumes from in the turn of the engine
/// that brings the answer, without another round through asyncio's queue.
///
/// It is what the functions of asyncio take for a future: gather(), wait(), timeouts and cancellation work with it.
class AwaitableRequest final : public AwaitedExchange {
 public:
  using AwaitedExchange::AwaitedExchange;

  /// What an await of it gets next: the request itself as long as it is under way.
  PySendResult send(PyObject* self, PyObject** result);
  nb::object result() const;
  nb::object exception() const;
  bool done() const { return cancelled_ || response_.is_valid(); }
  bool cancelled() const { return cancelled_; }
  /// False when it is done already.
  bool cancel_future(nb::handle self);
  void cancel() override { Exchange::cancel(); }
  nb::object loop() const { return client().asyncio_loop(); }
  void add_done_callback(nb::handle self, nb::object callback, nb::object context);
  std::size_t remove_done_callback(nb::handle callback);
  bool blocking = false;  // asyncio's mark of a future that a task has yielded

 private:
  struct Callback {
    nb::object function, context;
  };
  void finish(Response response) override;
  void call_soon(nb::handle self, const Callback& callback) const;

  std::vector<Callback> callbacks_;
  bool cancelled_ = false;
};

/// What `__aexit__` gives: an awaitable that is done.
struct Ready {};

/// `async with` on a request.
template <class Request>
void bind_block(nb::class_<Request>& type) {
  type.def("__aenter__", [](nb::object self) { return self; });
  type.def("__aexit__", [](const Request& self, nb::args) {
    self.leave_block();
    return Ready{};
  });
}

void bind_awaitable(nb::module_& m);

}  // namespace katydid::python
