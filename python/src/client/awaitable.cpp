#include "python/src/client/awaitable.hpp"

#include "python/src/client/response.hpp"

#include <algorithm>
#include <exception>
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

AwaitableRequest& native(PyObject* self) { return value_of<AwaitableRequest>(self); }

PyObject* await(PyObject* self) noexcept { return Py_NewRef(self); }

PySendResult send(PyObject* self, PyObject*, PyObject** result) noexcept {
  try {
    return native(self).send(result);
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
    native(self).add_done_callback(nb::borrow(values[0]), has_context ? nb::borrow(values[1]) : current_context());
    Py_RETURN_NONE;
  } catch (...) {
    return raise_again();
  }
}

struct Names {
  PyObject* blocking = interned("_asyncio_future_blocking");
  PyObject* get_loop = interned("get_loop");
  PyObject* add_done_callback = interned("add_done_callback");
};

const Names& names() {
  static const auto& names = *new Names;
  return names;
}

PyObject* get_blocking(PyObject* self, void*) noexcept { return PyBool_FromLong(native(self).blocking()); }

int set_blocking(PyObject* self, PyObject* value, void*) noexcept {
  const int truth = value ? PyObject_IsTrue(value) : 0;
  if (truth < 0) return -1;
  native(self).set_blocking(truth != 0);
  return 0;
}

/// cancel(msg=None): anyio knows its own cancellations by the message.
PyObject* cancel(PyObject* self, PyObject* const* values, Py_ssize_t count, PyObject* names) noexcept {
  try {
    const Py_ssize_t keywords = names ? PyTuple_GET_SIZE(names) : 0;
    if (count + keywords > 1 ||
        (keywords == 1 && PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, 0), "msg") != 0))
      throw nb::type_error("cancel() takes a message, msg");
    const bool has_message = count + keywords == 1 && values[0] != Py_None;
    return PyBool_FromLong(native(self).cancel_future(has_message ? nb::borrow(values[0]) : nb::object()));
  } catch (...) {
    return raise_again();
  }
}

PyMethodDef methods[] = {
    method("add_done_callback", add_done_callback),
    method("cancel", cancel),
    method<AwaitableRequest, &AwaitableRequest::loop>("get_loop"),
    method<AwaitableRequest, &AwaitableRequest::result>("result"),
    method<AwaitableRequest, &AwaitableRequest::exception>("exception"),
    method<AwaitableRequest, &AwaitableRequest::done>("done"),
    method<AwaitableRequest, &AwaitableRequest::cancelled>("cancelled"),
    method<AwaitableRequest, [](AwaitableRequest& self) { self.cancel_future(); }>("close"),
    method_of_one<AwaitableRequest, &AwaitableRequest::remove_done_callback>("remove_done_callback"),
    enter_method<AwaitableRequest>(),
    exit_method<AwaitableRequest>(),
    {nullptr, nullptr, 0, nullptr}};

/// A task of asyncio's asks for these of each future that it waits for: they need no search by name. @{
PyObject* get_attribute(PyObject* self, PyObject* name) noexcept {
  if (name == names().blocking) return get_blocking(self, nullptr);
  if (name == names().get_loop) return Py_NewRef(native(self).get_loop().ptr());
  if (name == names().add_done_callback) return PyCFunction_New(&methods[0], self);
  return PyObject_GenericGetAttr(self, name);
}

int set_attribute(PyObject* self, PyObject* name, PyObject* value) noexcept {
  return name == names().blocking ? set_blocking(self, value, nullptr) : PyObject_GenericSetAttr(self, name, value);
}
/// @}

PyGetSetDef attributes[] = {{"_asyncio_future_blocking", get_blocking, set_blocking, nullptr, nullptr},
                            {nullptr, nullptr, nullptr, nullptr, nullptr}};

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
  if (cancelled_) raise_cancelled();
  if (blocking_) throw std::runtime_error("this request is awaited by another task already");
  blocking_ = true;
  *result = Py_NewRef(owner_of(*this).ptr());
  return PYGEN_NEXT;
}

void AwaitableRequest::raise_cancelled() const {
  const nb::object type = asyncio_error("CancelledError");
  if (!cancel_message_.is_valid()) raise(type);
  PyErr_SetObject(type.ptr(), cancel_message_.ptr());
  throw nb::python_error();
}

nb::object AwaitableRequest::result() const {
  if (response_.is_valid()) return outcome();
  if (cancelled_) raise_cancelled();
  raise(asyncio_error("InvalidStateError"), "the request is under way");
}

nb::object AwaitableRequest::exception() const {
  if (raised_.is_valid()) return raised_;
  static_cast<void>(result());
  return nb::none();
}

void AwaitableRequest::finish(Response response, nb::object raised) {
  keep(std::move(response), std::move(raised));
  tell(std::exchange(first_, {}));
  for (const Callback& each : std::exchange(others_, {})) tell(each);
}

/// A task looks at the future that it is resumed with only to raise its error, and a request has none: at one of
/// asyncio's own it looks without a search for `result` by name.
void AwaitableRequest::tell(const Callback& callback) {
  if (!callback.function.is_valid()) return;
  if (PyContext_Enter(callback.context.ptr()) < 0) {
    PyErr_Clear();  // somebody is in it: the usual way, then
    return call_soon(callback);
  }
  call(callback.function, callback.resumes_task ? nb::handle(client().done_future()) : owner_of(*this));
  PyContext_Exit(callback.context.ptr());
}

bool AwaitableRequest::cancel_future(nb::object message) {
  if (done()) return false;
  cancelled_ = true;
  cancel_message_ = std::move(message);
  const nb::object keep = nb::borrow(owner_of(*this));
  Exchange::cancel();
  if (first_.function.is_valid()) call_soon(std::exchange(first_, {}));
  for (const Callback& each : std::exchange(others_, {})) call_soon(each);
  return true;
}

void AwaitableRequest::call_soon(const Callback& callback) {
  loop().attr("call_soon")(callback.function, owner_of(*this), nb::arg("context") = callback.context);
}

void AwaitableRequest::add_done_callback(nb::object callback, nb::object context) {
  Callback added{std::move(callback), std::move(context), std::exchange(task_comes_, false)};
  if (done()) return call_soon(added);
  if (!first_.function.is_valid() && others_.empty()) {
    first_ = std::move(added);
  } else {
    others_.push_back(std::move(added));
  }
}

std::size_t AwaitableRequest::remove_done_callback(nb::handle callback) {
  const auto is_it = [&](const Callback& each) { return each.function.is_valid() && each.function.equal(callback); };
  const bool first = is_it(first_);
  if (first) first_ = {};
  return std::erase_if(others_, is_it) + (first ? 1 : 0);
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
                  {slot(Py_am_await, await), slot(Py_am_send, send_ready), slot(Py_tp_iter, await),
                   slot(Py_tp_iternext, next_ready)});
  add_type<AwaitableRequest>(m, "AwaitableRequest", Py_TPFLAGS_DISALLOW_INSTANTIATION,
                             {slot(Py_am_await, await),
                              slot(Py_am_send, send),
                              slot(Py_tp_iter, await),
                              slot(Py_tp_iternext, next),
                              slot(Py_tp_getattro, get_attribute),
                              slot(Py_tp_setattro, set_attribute),
                              {Py_tp_methods, methods},
                              {Py_tp_getset, attributes}});
}

}  // namespace katydid::python
