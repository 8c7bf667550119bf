#pragma once

#include "python/src/cpython/plain_type.hpp"

#include <nanobind/nanobind.h>

#include <cstddef>
#include <utility>
#include <vector>

namespace katydid::python {

/// What waits for a future of asyncio's, and its state. A task resumes in the turn of the engine that ends the future,
/// without another round through asyncio's queue: what it then sends goes to the kernel with all else of that turn.
class AsyncioFuture {
 public:
  struct Callback {
    nb::object function, context;
    bool resumes_task = false;
  };

  bool cancelled() const { return cancelled_; }
  /// asyncio's mark of a future that a task has yielded. The task takes it away, and then adds its callback. @{
  bool blocking() const { return blocking_; }
  void set_blocking(bool blocking) {
    task_comes_ = blocking_ && !blocking;
    blocking_ = blocking;
  }
  /// @}
  /// Kept until it is done.
  void add(Callback callback);
  /// As one does that comes when it is done.
  static void call_soon(const Callback& callback, nb::handle loop, nb::handle self);
  /// For a callback that comes now.
  Callback new_callback(nb::object function, nb::object context) {
    return {std::move(function), std::move(context), std::exchange(task_comes_, false)};
  }
  std::size_t remove_done_callback(nb::handle callback);

 protected:
  /// What an await of it yields as long as it is under way; throws where another task awaits it.
  void yield();
  void cancel_with(nb::object message);
  [[noreturn]] void raise_cancelled() const;
  [[noreturn]] static void raise_under_way();
  /// `call(function, resumes_task)` for each callback, in its context; those whose context somebody is in by
  /// call_soon().
  template <class Call>
  void tell_all(nb::handle loop, nb::handle self, const Call& call) {
    tell(std::exchange(first_, {}), loop, self, call);
    for (const Callback& each : std::exchange(others_, {})) tell(each, loop, self, call);
  }
  void tell_all_soon(nb::handle loop, nb::handle self);

 private:
  template <class Call>
  static void tell(const Callback& callback, nb::handle loop, nb::handle self, const Call& call) {
    if (!callback.function.is_valid()) return;
    if (PyContext_Enter(callback.context.ptr()) < 0) {
      PyErr_Clear();  // somebody is in it: the usual way, then
      return call_soon(callback, loop, self);
    }
    call(callback.function, callback.resumes_task);
    PyContext_Exit(callback.context.ptr());
  }

  Callback first_;  // nearly always the only one
  std::vector<Callback> others_;
  nb::object cancel_message_;
  bool cancelled_ = false, blocking_ = false, task_comes_ = false;
};

/// A function of Python's that returns that loop.
nb::object getter_of(nb::handle loop);

/// The Python side of a T that is such a future and has `send(PyObject**)`, `result()`, `exception()`, `done()`,
/// `loop()`, `get_loop()` and `cancel_future(nb::object message)`. @{
template <class T>
PySendResult send_to_future(PyObject* self, PyObject*, PyObject** result) noexcept {
  try {
    return value_of<T>(self).send(result);
  } catch (...) {
    *result = raise_again();
    return PYGEN_ERROR;
  }
}

template <class T>
PyObject* next_of_future(PyObject* self) noexcept {
  PyObject* result = nullptr;
  switch (send_to_future<T>(self, Py_None, &result)) {
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

/// add_done_callback(fn, *, context=None): by hand, as asyncio calls it with each future.
template <class T>
PyObject* add_done_callback(PyObject* self, PyObject* const* values, Py_ssize_t count, PyObject* names) noexcept {
  return guarded([&]() -> nb::object {
    const Py_ssize_t keywords = names ? PyTuple_GET_SIZE(names) : 0;
    if (count != 1 || keywords > 1 ||
        (keywords == 1 && PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, 0), "context") != 0))
      throw nb::type_error("add_done_callback() takes a function, and the keyword context");
    const bool has_context = keywords == 1 && values[1] != Py_None;
    T& future = value_of<T>(self);
    auto added = future.new_callback(nb::borrow(values[0]),
                                     has_context ? nb::borrow(values[1]) : checked(PyContext_CopyCurrent()));
    if (future.done()) {
      future.call_soon(added, future.loop(), self);
    } else {
      future.add(std::move(added));
    }
    return nb::none();
  });
}

/// cancel(msg=None): anyio knows its own cancellations by the message.
template <class T>
PyObject* cancel_future(PyObject* self, PyObject* const* values, Py_ssize_t count, PyObject* names) noexcept {
  return guarded([&]() -> nb::object {
    const Py_ssize_t keywords = names ? PyTuple_GET_SIZE(names) : 0;
    if (count + keywords > 1 ||
        (keywords == 1 && PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, 0), "msg") != 0))
      throw nb::type_error("cancel() takes a message, msg");
    const bool has_message = count + keywords == 1 && values[0] != Py_None;
    return nb::bool_(value_of<T>(self).cancel_future(has_message ? nb::borrow(values[0]) : nb::object()));
  });
}

template <class T>
PyObject* get_blocking(PyObject* self, void*) noexcept {
  return PyBool_FromLong(value_of<T>(self).blocking());
}

template <class T>
int set_blocking(PyObject* self, PyObject* value, void*) noexcept {
  const int truth = value ? PyObject_IsTrue(value) : 0;
  if (truth < 0) return -1;
  value_of<T>(self).set_blocking(truth != 0);
  return 0;
}

/// The names of what a task asks each future for.
struct FutureNames {
  PyObject* blocking = interned("_asyncio_future_blocking");
  PyObject* get_loop = interned("get_loop");
  PyObject* add_done_callback = interned("add_done_callback");
};
const FutureNames& future_names();

template <class T>
inline PyMethodDef add_done_callback_method = method("add_done_callback", add_done_callback<T>);

/// With what T has besides.
template <class T>
std::vector<PyMethodDef> methods_of_future(std::vector<PyMethodDef> methods) {
  methods.insert(methods.end(),
                 {add_done_callback_method<T>,
                  method("cancel", cancel_future<T>),
                  method<T, &T::loop>("get_loop"),
                  method<T, &T::result>("result"),
                  method<T, &T::exception>("exception"),
                  method<T, &T::done>("done"),
                  method<T, [](const T& self) { return self.cancelled(); }>("cancelled"),
                  method<T, [](T& self) { self.cancel_future({}); }>("close"),
                  method_of_one<T, [](T& self, nb::handle callback) { return self.remove_done_callback(callback); }>(
                      "remove_done_callback"),
                  {nullptr, nullptr, 0, nullptr}});
  return methods;
}

/// Those names need no search. @{
template <class T>
PyObject* get_attribute_of_future(PyObject* self, PyObject* name) noexcept {
  const FutureNames& names = future_names();
  if (name == names.blocking) return get_blocking<T>(self, nullptr);
  if (name == names.get_loop) return Py_NewRef(value_of<T>(self).get_loop().ptr());
  if (name == names.add_done_callback) return PyCFunction_New(&add_done_callback_method<T>, self);
  return PyObject_GenericGetAttr(self, name);
}

template <class T>
int set_attribute_of_future(PyObject* self, PyObject* name, PyObject* value) noexcept {
  return name == future_names().blocking ? set_blocking<T>(self, value, nullptr)
                                         : PyObject_GenericSetAttr(self, name, value);
}
/// @}

template <class T>
inline PyGetSetDef future_attributes[] = {
    {"_asyncio_future_blocking", get_blocking<T>, set_blocking<T>, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};

/// Of its type, with those methods.
template <class T>
std::vector<PyType_Slot> future_slots(PyMethodDef* methods) {
  return {slot(Py_am_await, PyObject_SelfIter),
          slot(Py_am_send, send_to_future<T>),
          slot(Py_tp_iter, PyObject_SelfIter),
          slot(Py_tp_iternext, next_of_future<T>),
          slot(Py_tp_getattro, get_attribute_of_future<T>),
          slot(Py_tp_setattro, set_attribute_of_future<T>),
          {Py_tp_methods, methods},
          {Py_tp_getset, future_attributes<T>}};
}
/// @}

}  // namespace katydid::python
