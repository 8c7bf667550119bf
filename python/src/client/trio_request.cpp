#include "python/src/client/trio_request.hpp"

#include <stdexcept>
#include <utility>

namespace katydid::python {
namespace {

TrioRequest& native(PyObject* self) { return value_of<TrioRequest>(self); }

PySendResult send(PyObject* self, PyObject* value, PyObject** result) noexcept {
  try {
    return native(self).send(value, result);
  } catch (...) {
    *result = raise_again();
    return PYGEN_ERROR;
  }
}

/// send() as Python's generators have it, for a coroutine that is traced.
PyObject* send_method(PyObject* self, PyObject* value) noexcept {
  PyObject* result = nullptr;
  if (send(self, value, &result) != PYGEN_RETURN) return result;
  PyErr_SetObject(PyExc_StopIteration, result);
  Py_DECREF(result);
  return nullptr;
}

PyObject* next(PyObject* self) noexcept { return send_method(self, Py_None); }

PyObject* abort(PyObject* self, PyObject*, PyObject*) noexcept {
  return guarded([&] {
    TrioRequest* const request = value_of<TrioAbort>(self).request;
    if (!request) throw std::logic_error("a wait was aborted that is over");
    return request->abort();
  });
}

PyMethodDef methods[] = {{"send", send_method, METH_O, nullptr},
                         method<TrioRequest, &TrioRequest::close>("close"),
                         enter_method<TrioRequest>(),
                         exit_method<TrioRequest>(),
                         {nullptr, nullptr, 0, nullptr}};

}  // namespace

TrioWait Trio::wait_for(TrioRequest& request) {
  TrioWait wait;
  if (!unused_.empty()) {
    wait = std::move(unused_.back());
    unused_.pop_back();
  } else {
    wait.abort = make_plain<TrioAbort>();
    const nb::object waiting = wait_task_rescheduled_(wait.abort);
    wait.message = waiting.attr("send")(nb::none());
    waiting.attr("close")();
  }
  value_of<TrioAbort>(wait.abort).request = &request;
  return wait;
}

nb::object Trio::current_task() const {
  static PyObject* const task = interned("task");
  if (PyObject* found = PyDict_GetItemWithError(context_.ptr(), task)) return nb::borrow(found);
  if (PyErr_Occurred()) throw nb::python_error();
  return current_task_();
}

void Trio::give_back(TrioWait wait) {
  value_of<TrioAbort>(wait.abort).request = nullptr;
  unused_.push_back(std::move(wait));
}

nb::object Trio::resume(nb::handle task) const {
  PyObject* arguments[] = {nullptr, task.ptr(), done_.ptr()};
  return nb::steal(PyObject_Vectorcall(reschedule_.ptr(), arguments + 1, 2 | PY_VECTORCALL_ARGUMENTS_OFFSET, nullptr));
}

PySendResult TrioRequest::send(PyObject* value, PyObject** result) {
  if (waits()) {
    stop_waiting();
    if (value != trio_.done().ptr()) nb::handle(value).attr("unwrap")();  // raises: the task is cancelled
    if (!response_.is_valid()) throw std::logic_error("a task was resumed before its request was done");
  } else if (!response_.is_valid()) {
    task_ = trio_.current_task();
    wait_ = trio_.wait_for(*this);
    *result = Py_NewRef(wait_.message.ptr());
    return PYGEN_NEXT;
  }
  *result = Py_NewRef(outcome().ptr());
  return PYGEN_RETURN;
}

void TrioRequest::stop_waiting() {
  task_ = {};
  if (waits()) trio_.give_back(std::exchange(wait_, {}));
}

nb::object TrioRequest::abort() {
  task_ = {};
  Exchange::cancel();
  return trio_.succeeded();
}

void TrioRequest::finish(Response response, nb::object raised) {
  keep(std::move(response), std::move(raised));
  if (!task_.is_valid()) return;
  const nb::object task = std::exchange(task_, {});
  if (!trio_.resume(task).is_valid()) client().engine().take_error(task.ptr());
}

void bind_trio_request(nb::module_& m) {
  nb::class_<Trio>(m, "Trio").def(nb::init<nb::object, nb::object, nb::object, nb::object, nb::object, nb::dict>(),
                                  nb::arg("current_task"), nb::arg("wait_task_rescheduled"), nb::arg("reschedule"),
                                  nb::arg("succeeded"), nb::arg("done"), nb::arg("context"));
  add_type<TrioAbort>(m, "TrioAbort", Py_TPFLAGS_DISALLOW_INSTANTIATION, {slot(Py_tp_call, abort)});
  add_type<TrioRequest>(m, "TrioRequest", Py_TPFLAGS_DISALLOW_INSTANTIATION,
                        {slot(Py_am_await, PyObject_SelfIter),
                         slot(Py_am_send, send),
                         slot(Py_tp_iter, PyObject_SelfIter),
                         slot(Py_tp_iternext, next),
                         {Py_tp_methods, methods}});
}

}  // namespace katydid::python
