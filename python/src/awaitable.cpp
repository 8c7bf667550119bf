#include "python/src/awaitable.hpp"

#include "python/src/response.hpp"

#include <algorithm>
#include <utility>

namespace katydid::python {
namespace {

nb::object asyncio_error(const char* name) { return nb::module_::import_("asyncio").attr(name); }

[[noreturn]] void raise(nb::handle type, const char* text = nullptr) {
  if (text) {
    PyErr_SetString(type.ptr(), text);
  } else {
    PyErr_SetNone(type.ptr());
  }
  throw nb::python_error();
}

nb::object current_context() {
  nb::object context = nb::steal(PyContext_CopyCurrent());
  if (!context.is_valid()) throw nb::python_error();
  return context;
}

AwaitableRequest& native(PyObject* self) { return *nb::inst_ptr<AwaitableRequest>(self); }

PyObject* await(PyObject* self) noexcept { return Py_NewRef(self); }

PySendResult send(PyObject* self, PyObject*, PyObject** result) noexcept {
  try {
    return native(self).send(self, result);
  } catch (...) {
    *result = raise_again();
    return PYGEN_ERROR;
  }
}

PyObject* next(PyObject* self) noexcept {
  PyObject* result = nullptr;
  switch (send(self, Py_None, &result)) {
    case PYGEN_RETURN:
      PyErr_SetObject(PyExc_StopIteration, result);
      Py_DECREF(result);
      return nullptr;
    case PYGEN_NEXT:
      return result;
    default:
      return nullptr;
  }
}

/// add_done_callback(fn, *, context=None): by hand, as asyncio calls it with each request.
PyObject* add_done_callback(PyObject* self, PyObject* const* values, Py_ssize_t count, PyObject* names) noexcept {
  try {
    const Py_ssize_t keywords = names ? PyTuple_GET_SIZE(names) : 0;
    if (count != 1 || keywords > 1 ||
        (keywords == 1 && PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, 0), "context") != 0))
      throw nb::type_error("add_done_callback() takes a function, and the keyword context");
    const bool has_context = keywords == 1 && values[1] != Py_None;
    native(self).add_done_callback(self, nb::borrow(values[0]),
                                   has_context ? nb::borrow(values[1]) : current_context());
    Py_RETURN_NONE;
  } catch (...) {
    return raise_again();
  }
}

PyObject* get_loop(PyObject* self, PyObject*) noexcept { return native(self).loop().release().ptr(); }

PyObject* result(PyObject* self, PyObject*) noexcept {
  return guarded([&] { return native(self).result(); });
}

PyObject* get_blocking(PyObject* self, void*) noexcept { return PyBool_FromLong(native(self).blocking); }

int set_blocking(PyObject* self, PyObject* value, void*) noexcept {
  const int truth = value ? PyObject_IsTrue(value) : 0;
  if (truth < 0) return -1;
  native(self).blocking = truth != 0;
  return 0;
}

PyMethodDef methods[] = {
    {"add_done_callback", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(add_done_callback)),
     METH_FASTCALL | METH_KEYWORDS, nullptr},
    {"get_loop", get_loop, METH_NOARGS, nullptr},
    {"result", result, METH_NOARGS, nullptr},
    {nullptr, nullptr, 0, nullptr}};
PyGetSetDef attributes[] = {{"_asyncio_future_blocking", get_blocking, set_blocking, nullptr, nullptr},
                            {nullptr, nullptr, nullptr, nullptr, nullptr}};
PyType_Slot slots[] = {{Py_am_await, reinterpret_cast<void*>(await)},
                       {Py_am_send, reinterpret_cast<void*>(send)},
                       {Py_tp_iter, reinterpret_cast<void*>(await)},
                       {Py_tp_iternext, reinterpret_cast<void*>(next)},
                       {Py_tp_methods, methods},
                       {Py_tp_getset, attributes},
                       {0, nullptr}};

PySendResult send_ready(PyObject*, PyObject*, PyObject** result) noexcept {
  *result = Py_NewRef(Py_False);
  return PYGEN_RETURN;
}

PyObject* next_ready(PyObject*) noexcept {
  PyErr_SetObject(PyExc_StopIteration, Py_False);
  return nullptr;
}

PyType_Slot ready_slots[] = {{Py_am_await, reinterpret_cast<void*>(await)},
                             {Py_am_send, reinterpret_cast<void*>(send_ready)},
                             {Py_tp_iter, reinterpret_cast<void*>(await)},
                             {Py_tp_iternext, reinterpret_cast<void*>(next_ready)},
                             {0, nullptr}};

}  // namespace

PySendResult AwaitableRequest::send(PyObject* self, PyObject** result) {
  if (response_.is_valid()) {
    *result = Py_NewRef(response_.ptr());
    return PYGEN_RETURN;
  }
  if (cancelled_) raise(asyncio_error("CancelledError"));
  if (blocking) throw std::runtime_error("this request is awaited by another task already");
  blocking = true;
  *result = Py_NewRef(self);
  return PYGEN_NEXT;
}

nb::object AwaitableRequest::result() const {
  if (response_.is_valid()) return response_;
  if (cancelled_) raise(asyncio_error("CancelledError"));
  raise(asyncio_error("InvalidStateError"), "the request is under way");
}

nb::object AwaitableRequest::exception() const {
  static_cast<void>(result());
  return nb::none();
}

void AwaitableRequest::finish(Response response) {
  response_ = object_of(std::move(response));
  const nb::object self = nb::find(this);
  for (const Callback& each : std::exchange(callbacks_, {})) {
    if (PyContext_Enter(each.context.ptr()) < 0) {
      PyErr_Clear();  // somebody is in it: the usual way, then
      call_soon(self, each);
      continue;
    }
    call(each.function, self);
    PyContext_Exit(each.context.ptr());
  }
}

bool AwaitableRequest::cancel_future(nb::handle self) {
  if (done()) return false;
  cancelled_ = true;
  const nb::object keep = nb::borrow(self);
  Exchange::cancel();
  for (const Callback& each : std::exchange(callbacks_, {})) call_soon(self, each);
  return true;
}

void AwaitableRequest::call_soon(nb::handle self, const Callback& callback) const {
  loop().attr("call_soon")(callback.function, self, nb::arg("context") = callback.context);
}

void AwaitableRequest::add_done_callback(nb::handle self, nb::object callback, nb::object context) {
  Callback added{std::move(callback), std::move(context)};
  if (done()) return call_soon(self, added);
  callbacks_.push_back(std::move(added));
}

std::size_t AwaitableRequest::remove_done_callback(nb::handle callback) {
  return std::erase_if(callbacks_, [&](const Callback& each) { return each.function.equal(callback); });
}

void AwaitedExchange::leave_block() const {
  if (!response_.is_valid()) return;
  Response& response = nb::cast<ResponseObject&>(response_).response();
  if (!response.is_recorded()) response.record();
}

void bind_awaitable(nb::module_& m) {
  nb::class_<Ready>(m, "Ready", nb::type_slots(ready_slots));
  nb::class_<AwaitableRequest> type(m, "AwaitableRequest", nb::type_slots(slots));
  bind_block(type);
  type.def("done", &AwaitableRequest::done)
      .def("cancelled", &AwaitableRequest::cancelled)
      .def("exception", &AwaitableRequest::exception)
      .def(
          "cancel", [](nb::handle self, nb::handle) { return nb::cast<AwaitableRequest&>(self).cancel_future(self); },
          nb::arg("msg").none() = nb::none())
      .def("close", [](nb::handle self) { nb::cast<AwaitableRequest&>(self).cancel_future(self); })
      .def("remove_done_callback", &AwaitableRequest::remove_done_callback, nb::arg("fn"));
}

}  // namespace katydid::python
