#pragma once

#include <nanobind/nanobind.h>

#include <new>
#include <string>
#include <utility>

namespace katydid::python {

namespace nb = nanobind;

/// A Python object with a T in it whose type is CPython's own kind: cheaper to make than nanobind's, and Python classes
/// may derive from it beside other classes. T has a function `visit`, which calls what it is given with each
/// `PyObject*&` of T that may be part of a cycle.
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
  PyObject* const self = type->tp_alloc(type, 0);
  if (!self) throw nb::python_error();
  new (&value_of<T>(self)) T(std::forward<Arguments>(arguments)...);
  return nb::steal(self);
}

/// The slots of such a type. @{
template <class T>
void deallocate_plain(PyObject* self) {
  PyTypeObject* const type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
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

template <class T>
int clear_plain(PyObject* self) {
  value_of<T>(self).visit([](PyObject*& part) { Py_CLEAR(part); });
  return 0;
}
/// @}

/// Adds a type to the module, under the last part of its name.
inline PyTypeObject* add_type(nb::module_& m, PyType_Spec& spec) {
  const nb::object type = nb::steal(PyType_FromSpec(&spec));
  if (!type.is_valid()) throw nb::python_error();
  const std::string name = spec.name;
  m.attr(name.substr(name.rfind('.') + 1).c_str()) = type;
  return reinterpret_cast<PyTypeObject*>(type.inc_ref().ptr());  // it stays, as the module does
}

/// A name of Python's that is looked up often; stays for good.
inline PyObject* interned(const char* name) { return PyUnicode_InternFromString(name); }

}  // namespace katydid::python
