#include "python/src/client/asyncio_future.hpp"

#include <stdexcept>

namespace katydid::python {
namespace {

nb::object asyncio_error(const char* name) { return nb::module_::import_("asyncio").attr(name); }

}  // namespace

nb::object getter_of(nb::handle loop) {
  static PyMethodDef get = {"get_loop", [](PyObject* self, PyObject*) { return Py_NewRef(self); }, METH_NOARGS,
                            nullptr};
  return checked(PyCFunction_New(&get, loop.ptr()));
}

const FutureNames& future_names() {
  static const auto& names = *new FutureNames;
  return names;
}

void AsyncioFuture::yield() {
  if (blocking_) throw std::runtime_error("this is awaited by another task already");
  blocking_ = true;
}

void AsyncioFuture::add(Callback callback) {
  if (!first_.function.is_valid() && others_.empty()) {
    first_ = std::move(callback);
  } else {
    others_.push_back(std::move(callback));
  }
}

std::size_t AsyncioFuture::remove_done_callback(nb::handle callback) {
  const auto is_it = [&](const Callback& each) { return each.function.is_valid() && each.function.equal(callback); };
  const bool first = is_it(first_);
  if (first) first_ = {};
  return std::erase_if(others_, is_it) + (first ? 1 : 0);
}

void AsyncioFuture::cancel_with(nb::object message) {
  cancelled_ = true;
  cancel_message_ = std::move(message);
}

void AsyncioFuture::raise_cancelled() const {
  const nb::object type = asyncio_error("CancelledError");
  if (cancel_message_.is_valid()) {
    PyErr_SetObject(type.ptr(), cancel_message_.ptr());
  } else {
    PyErr_SetNone(type.ptr());
  }
  throw nb::python_error();
}

void AsyncioFuture::raise_under_way() {
  PyErr_SetString(asyncio_error("InvalidStateError").ptr(), "it is under way");
  throw nb::python_error();
}

void AsyncioFuture::tell_all_soon(nb::handle loop, nb::handle self) {
  if (first_.function.is_valid()) call_soon(std::exchange(first_, {}), loop, self);
  for (const Callback& each : std::exchange(others_, {})) call_soon(each, loop, self);
}

void AsyncioFuture::call_soon(const Callback& callback, nb::handle loop, nb::handle self) {
  loop.attr("call_soon")(callback.function, self, nb::arg("context") = callback.context);
}

}  // namespace katydid::python
