#include "python/src/trio_request.hpp"

#include <stdexcept>
#include <utility>

namespace katydid::python {
namespace {

TrioRequest& native(PyObject* self) { return *nb::inst_ptr<TrioRequest>(self); }

PyObject* await(PyObject* self) noexcept { return Py_NewRef(self); }

PySendResult send(PyObject* self, PyObject* value, PyObject** result) noexcept {
  try {
    return native(self).send(self, value, result);
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

PyObject* call(PyObject* self, PyObject*, PyObject*) noexcept {
  return guarded([&] { return native(self).abort(); });
}

PyMethodDef methods[] = {{"send", send_method, METH_O, nullptr}, {nullptr, nullptr, 0, nullptr}};
PyType_Slot slots[] = {{Py_am_await, reinterpret_cast<void*>(await)},
                       {Py_am_send, reinterpret_cast<void*>(send)},
                       {Py_tp_iter, reinterpret_cast<void*>(await)},
                       {Py_tp_iternext, reinterpret_cast<void*>(next)},
                       {Py_tp_call, reinterpret_cast<void*>(call)},
                       {Py_tp_methods, methods},
                       {0, nullptr}};

}  // namespace

PySendResult TrioRequest::send(PyObject* self, PyObject* value, PyObject** result) {
  if (!waiting_.is_valid()) {
    if (response_.is_valid()) {
      *result = Py_NewRef(response_.ptr());
      return PYGEN_RETURN;
    }
    task_ = part(TrioPart::current_task)();
    waiting_ = part(TrioPart::wait)(nb::handle(self));
    value = Py_None;
  }
  const PySendResult sent = PyIter_Send(waiting_.ptr(), value, result);
  if (sent == PYGEN_NEXT) return sent;
  waiting_ = {};
  task_ = {};
  if (sent == PYGEN_ERROR) return sent;
  Py_DECREF(*result);
  *result = nullptr;
  if (!response_.is_valid()) throw std::logic_error("a task was resumed before its request was done");
  *result = Py_NewRef(response_.ptr());
  return PYGEN_RETURN;
}

nb::object TrioRequest::abort() {
  task_ = {};
  Exchange::cancel();
  return nb::borrow(part(TrioPart::aborted));
}

void TrioRequest::finish(Response response) {
  response_ = object_of(std::move(response));
  if (!task_.is_valid()) return;
  const nb::object task = std::exchange(task_, {});
  PyObject* arguments[] = {nullptr, task.ptr(), part(TrioPart::nothing).ptr()};
  const nb::object result = nb::steal(PyObject_Vectorcall(part(TrioPart::reschedule).ptr(), arguments + 1,
                                                          2 | PY_VECTORCALL_ARGUMENTS_OFFSET, nullptr));
  if (!result.is_valid()) client().engine().take_error(task.ptr());
}

void bind_trio_request(nb::module_& m) {
  nb::class_<TrioRequest> type(m, "TrioRequest", nb::type_slots(slots));
  bind_block(type);
  type.def("close", &TrioRequest::close);
}

}  // namespace katydid::python
