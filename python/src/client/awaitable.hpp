#pragma once

#include "python/src/client/asyncio_future.hpp"
#include "python/src/client/listening.hpp"
#include "python/src/client/request.hpp"
#include "python/src/cpython/plain_type.hpp"

#include <nanobind/nanobind.h>

namespace katydid::python {

/// A request under way that is awaited, or entered by `async with`.
class AwaitedExchange : public Exchange {
 public:
  using Exchange::Exchange;

  /// The end of an `async with`: a response that the task judges is recorded, and what a listener of `request` raises
  /// then is raised.
  void leave_block() const;

 protected:
  void keep(Response response, nb::object raised) {
    response_ = object_of(std::move(response));
    raised_ = std::move(raised);
  }
  /// The response; raises what a listener has raised.
  const nb::object& outcome() const {
    if (raised_.is_valid()) raise_object(raised_);
    return response_;
  }

  nb::object response_;
  nb::object raised_;
};

/// `AwaitableRequest`: a request under way as asyncio's future. It is what the functions of asyncio take for one:
/// gather(), wait(), timeouts and cancellation work with it.
class AwaitableRequest final : public AwaitedExchange, public AsyncioFuture {
 public:
  using AwaitedExchange::AwaitedExchange;

  /// What an await of it gets next: the request itself as long as it is under way.
  PySendResult send(PyObject** result);
  nb::object result() const;
  nb::object exception() const;
  bool done() const { return cancelled() || response_.is_valid(); }
  /// False when it is done already.
  bool cancel_future(nb::object message);
  void cancel() override { Exchange::cancel(); }
  const nb::object& loop() const { return client().asyncio_loop(); }
  nb::object get_loop() const { return client().get_asyncio_loop(); }

 private:
  void finish(Response response, nb::object raised) override;
};

/// What `__aexit__` gives: an awaitable that is done.
struct Ready {
  nb::object result;
};

/// The methods of an `async with` on a request. @{
template <class Request>
PyMethodDef enter_method() {
  return method<Request, [](Request& self) { return owner_of(self); }>("__aenter__");
}

template <class Request>
PyMethodDef exit_method() {
  const PositionalCall call = [](PyObject* self, PyObject* const*, Py_ssize_t) noexcept {
    return guarded([&] {
      value_of<Request>(self).leave_block();
      return make_plain<Ready>(nb::borrow(Py_False));
    });
  };
  return method("__aexit__", call);
}
/// @}

void bind_awaitable(nb::module_& m);

}  // namespace katydid::python
