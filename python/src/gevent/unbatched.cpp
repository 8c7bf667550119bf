#include "python/src/gevent/unbatched.hpp"

#include "python/src/cpython/plain_type.hpp"

#include <vector>

namespace katydid::python {
namespace {

Unbatched& native(PyObject* self) { return value_of<Unbatched>(self); }

PyObject* next(PyObject* self) noexcept {
  Unbatched& all = native(self);
  while (all.batches && (!all.items || all.at >= PyList_GET_SIZE(all.items))) {
    Py_CLEAR(all.items);
    all.at = 0;
    PyObject* const items = Py_TYPE(all.batches)->tp_iternext(all.batches);
    if (!items) return nullptr;
    if (!PyList_CheckExact(items)) {
      Py_DECREF(items);
      PyErr_SetString(PyExc_TypeError, "a batch must be a list");
      return nullptr;
    }
    Py_XSETREF(all.items, items);
  }
  return all.items ? Py_NewRef(PyList_GET_ITEM(all.items, all.at++)) : nullptr;
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
  if (!result || !PyList_CheckExact(result)) return result;
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
