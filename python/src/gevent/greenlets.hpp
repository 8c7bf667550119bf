#pragma once

#include <nanobind/nanobind.h>

namespace katydid::python {

namespace nb = nanobind;

/// greenlet's C API, which its module hands out at run time: Katydid is compiled without it.
class Greenlets {
 public:
  /// Imports greenlet at the first call, and throws what that raises.
  static const Greenlets& api();

  nb::object current() const;
  /// Invalid for a thread's main one.
  nb::object parent_of(nb::handle greenlet) const;
  /// Runs that greenlet until somebody switches back. Invalid, with Python's exception set, when that was raised here.
  nb::object switch_to(nb::handle greenlet) const;

 private:
  Greenlets();

  PyObject* (*get_current_)();
  PyObject* (*get_parent_)(PyObject* greenlet);
  PyObject* (*switch_)(PyObject* greenlet, PyObject* arguments, PyObject* keywords);
  nb::object nothing_;  // an empty tuple
};

}  // namespace katydid::python
