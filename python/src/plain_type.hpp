#pragma once

#include "python/src/cpython.hpp"

#include <new>
#include <string>
#include <utility>

namespace katydid::python {

/// A Python object with a T in it whose type is CPython's own kind: cheaper to make than nanobind's, and Python classes
/// may derive from it beside other classes. T has a function `visit`, which calls what it is given with each
/// `PyObject*&` that T owns.
template <class T>
struct PlainObject {
  PyObject ob_base;
  T value;
};

template <class T>
T& value_of(nb::handle object) {
  return reinterpret_cast<PlainObject<T>*>(object.ptr())->value;
}

template <class T, class... Arguments>
nb::object make_plain(PyTypeObject* type, Arguments&&... arguments) {
  nb::object self = checked(type->tp_alloc(type, 0));
  new (&value_of<T>(self)) T(std::forward<Arguments>(arguments)...);
  return self;
}

/// The slots of such a type. @{
template <class T>
PyObject* new_plain(PyTypeObject* type, PyObject*, PyObject*) noexcept {
  return guarded([&] { return make_plain<T>(type); });
}

template <class T>
int clear_plain(PyObject* self) {
  value_of<T>(self).visit([](PyObject*& part) { Py_CLEAR(part); });
  return 0;
}

template <class T>
void deallocate_plain(PyObject* self) {
  PyTypeObject* const type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  clear_plain<T>(self);
  value_of<T>(self).~T();
  type->tp_free(self);
  Py_DECREF(type);
}

template <class T>
int traverse_plain(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  int result = 0;
  value_of<T>(self).visit([&](PyObject*& part) {
    if (result == 0 && part) result = visit(part, arg);
  });
  return result;
}
/// @}

/// Adds a type to the module, under the last part of its name.
inline PyTypeObject* add_type(nb::module_& m, PyType_Spec& spec) {
  const nb::object type = checked(PyType_FromSpec(&spec));
  const std::string name = spec.name;
  m.attr(name.substr(name.rfind('.') + 1).c_str()) = type;
  return reinterpret_cast<PyTypeObject*>(type.inc_ref().ptr());  // it stays, as the module does
}

}  // namespace katydid::python
