#include "python/src/client/awaitable.hpp"

#include "python/src/client/response.hpp"

#include <exception>
#include <utility>
#include <vector>

namespace katydid::python {
namespace {

PyMethodDef* methods() {
  static std::vector<PyMethodDef> all =
      methods_of_future<AwaitableRequest>({enter_method<AwaitableRequest>(), exit_method<AwaitableRequest>()});
  return all.data();
}

PySendResult send_ready(PyObject* self, PyObject*, PyObject** result) noexcept {
  *result = Py_NewRef(value_of<Ready>(self).result.ptr());
  return PYGEN_RETURN;
}

PyObject* next_ready(PyObject* self) noexcept {
  PyErr_SetObject(PyExc_StopIteration, value_of<Ready>(self).result.ptr());
  return nullptr;
}

}  // namespace

PySendResult AwaitableRequest::send(PyObject** result) {
  if (response_.is_valid()) {
    *result = Py_NewRef(outcome().ptr());
    return PYGEN_RETURN;
  }
  if (cancelled()) raise_cancelled();
  yield();
  *result = Py_NewRef(owner_of(*this).ptr());
  return PYGEN_NEXT;
}

nb::object AwaitableRequest::result() const {
  if (response_.is_valid()) return outcome();
  if (cancelled()) raise_cancelled();
  raise_under_way();
}

nb::object AwaitableRequest::exception() const {
  if (raised_.is_valid()) return raised_;
  static_cast<void>(result());
  return nb::none();
}

/// A task looks at the future that it is resumed with only to raise its error, and a request has none: at one of
/// asyncio's own it looks without a search for `result` by name.
void AwaitableRequest::finish(Response response, nb::object raised) {
  keep(std::move(response), std::move(raised));
  const nb::handle self = owner_of(*this);
  tell_all(loop(), self, [&](nb::handle function, bool resumes_task) {
    call(function, resumes_task ? nb::handle(client().done_future()) : self);
  });
}

bool AwaitableRequest::cancel_future(nb::object message) {
  if (done()) return false;
  cancel_with(std::move(message));
  const nb::object keep = nb::borrow(owner_of(*this));
  Exchange::cancel();
  tell_all_soon(loop(), keep);
  return true;
}

void AwaitedExchange::leave_block() const {
  if (!response_.is_valid()) return;
  Response& response = value_of<ResponseObject>(response_).response();
  std::exception_ptr thrown;
  if (!response.is_recorded()) {
    response.record();
    thrown = std::exchange(client().context().thrown, nullptr);
  }
  response.close_stream();
  raise_steering(thrown);
}

void bind_awaitable(nb::module_& m) {
  add_type<Ready>(m, "Ready", Py_TPFLAGS_DISALLOW_INSTANTIATION,
                  {slot(Py_am_await, PyObject_SelfIter), slot(Py_am_send, send_ready),
                   slot(Py_tp_iter, PyObject_SelfIter), slot(Py_tp_iternext, next_ready)});
  add_type<AwaitableRequest>(m, "AwaitableRequest", Py_TPFLAGS_DISALLOW_INSTANTIATION,
                             future_slots<AwaitableRequest>(methods()));
}

}  // namespace katydid::python
