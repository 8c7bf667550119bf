#pragma once

#include <nanobind/nanobind.h>

namespace katydid::python {

namespace nb = nanobind;

/// `Unbatched`: what a generator of lists has in them, one item after another, and of a text the lines: a generator as
/// well, whose own code runs only where a batch is used up.
struct Unbatched {
  template <class Visitor>
  void visit(Visitor&& visitor) {
    for (PyObject** part : {&batches, &items}) visitor(*part);
  }

  PyObject* batches = nullptr;
  PyObject* items = nullptr;  // a list or a str
  Py_ssize_t at = 0;
};

void bind_unbatched(nb::module_& m);

}  // namespace katydid::python
