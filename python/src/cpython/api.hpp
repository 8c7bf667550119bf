#pragma once

#include <nanobind/nanobind.h>

namespace katydid::python {

namespace nb = nanobind;

/// What CPython has returned: a new reference, or an exception that is thrown on.
inline nb::object checked(PyObject* object) {
  if (!object) throw nb::python_error();
  return nb::steal(object);
}

inline bool truth(nb::handle value) {
  const int result = PyObject_IsTrue(value.ptr());
  if (result < 0) throw nb::python_error();
  return result != 0;
}

/// A name of Python's that is looked up often; stays for good.
inline PyObject* interned(const char* name) { return PyUnicode_InternFromString(name); }

/// For functions that CPython calls: makes the C++ exception that is being handled one of Python's.
PyObject* raise_again() noexcept;

/// Calls `function`, which returns an nb::object, for such a function.
template <class Function>
PyObject* guarded(Function&& function) noexcept {
  try {
    return function().release().ptr();
  } catch (...) {
    return raise_again();
  }
}

}  // namespace katydid::python
