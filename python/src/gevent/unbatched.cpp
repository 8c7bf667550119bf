#include "python/src/gevent/unbatched.hpp"

#include "python/src/cpython/plain_type.hpp"

#include <cstddef>
#include <cstring>
#include <vector>

namespace katydid::python {
namespace {

Unbatched& native(PyObject* self) { return value_of<Unbatched>(self); }

/// Of a text that is ASCII.
PyObject* next_ascii_line(Unbatched& all, Py_ssize_t size) {
  const char* const begin = static_cast<const char*>(PyUnicode_DATA(all.items)) + all.at;
  const void* const found = std::memchr(begin, '\n', static_cast<std::size_t>(size - all.at));
  const Py_ssize_t length = found ? static_cast<const char*>(found) - begin : size - all.at;
  all.at += length + 1;
  PyObject* const line = PyUnicode_New(length, 127);
  if (line) std::memcpy(PyUnicode_DATA(line), begin, static_cast<std::size_t>(length));
  return line;
}

PyObject* next_line(Unbatched& all) {
  const Py_ssize_t size = PyUnicode_GET_LENGTH(all.items);
  if (all.at >= size) return nullptr;
  if (PyUnicode_IS_ASCII(all.items)) return next_ascii_line(all, size);
  const Py_ssize_t found = PyUnicode_FindChar(all.items, '\n', all.at, size, 1);
  if (found == -2) return nullptr;
  const Py_ssize_t start = all.at, end = found < 0 ? size : found;
  all.at = end + 1;
  return PyUnicode_Substring(all.items, start, end);
}

/// The next one of the batch; null at its end.
PyObject* next_item(Unbatched& all) {
  if (PyUnicode_Check(all.items)) return next_line(all);
  return all.at < PyList_GET_SIZE(all.items) ? Py_NewRef(PyList_GET_ITEM(all.items, all.at++)) : nullptr;
}

bool is_batch(PyObject* object) { return PyList_CheckExact(object) || PyUnicode_CheckExact(object); }

PyObject* next(PyObject* self) noexcept {
  Unbatched& all = native(self);
  while (all.batches) {
    if (all.items) {
      PyObject* const item = next_item(all);
      if (item || PyErr_Occurred()) return item;
    }
    Py_CLEAR(all.items);
    all.at = 0;
    PyObject* const items = Py_TYPE(all.batches)->tp_iternext(all.batches);
    if (!items) return nullptr;
    if (!is_batch(items)) {
      Py_DECREF(items);
      PyErr_SetString(PyExc_TypeError, "a batch must be a list or a text");
      return nullptr;
    }
    Py_XSETREF(all.items, items);
  }
  return nullptr;
}

/// As the generator's own, whose `yield` has no value for anybody.
PyObject* send(PyObject* self, PyObject*) noexcept {
  PyObject* const item = next(self);
  if (!item && !PyErr_Occurred()) PyErr_SetNone(PyExc_StopIteration);
  return item;
}

/// What ends the generator ends this.
template <const char* name>
PyObject* end(PyObject* self, PyObject* const* values, Py_ssize_t count) noexcept {
  static PyObject* const method = interned(name);
  Unbatched& all = native(self);
  Py_CLEAR(all.items);
  std::vector<PyObject*> arguments{all.batches};
  arguments.insert(arguments.end(), values, values + count);
  PyObject* const result = PyObject_VectorcallMethod(method, arguments.data(), arguments.size(), nullptr);
  if (!result || !is_batch(result)) return result;
  Py_XSETREF(all.items, result);  // it goes on with another batch
  all.at = 0;
  return send(self, Py_None);
}

constexpr char throw_[] = "throw", close[] = "close";

PyObject* new_unbatched(PyTypeObject* type, PyObject* arguments, PyObject*) noexcept {
  return guarded([&] {
    if (PyTuple_GET_SIZE(arguments) != 1 || !PyGen_CheckExact(PyTuple_GET_ITEM(arguments, 0)))
      throw nb::type_error("Unbatched() takes a generator");
    nb::object self = make_plain_as<Unbatched>(type);
    native(self.ptr()).batches = Py_NewRef(PyTuple_GET_ITEM(arguments, 0));
    return self;
  });
}

PyMethodDef methods[] = {{"send", send, METH_O, nullptr},
                         method("throw", end<throw_>),
                         method("close", end<close>),
                         {nullptr, nullptr, 0, nullptr}};

}  // namespace

void bind_unbatched(nb::module_& m) {
  add_type<Unbatched>(m, "Unbatched", 0,
                      {slot(Py_tp_new, new_unbatched),
                       slot(Py_tp_iter, PyObject_SelfIter),
                       slot(Py_tp_iternext, next),
                       {Py_tp_methods, methods}});
}

}  // namespace katydid::python
