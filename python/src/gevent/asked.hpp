#pragma once

#include "python/src/cpython/plain_type.hpp"

#include <chrono>
#include <string_view>

namespace katydid::python {

/// `Asked`: a request that is composed, to be sent as often as wanted. What it holds doesn't change.
struct Asked {
  template <class Visitor>
  void visit(Visitor&& visitor) {
    for (PyObject** part : {&method, &url, &name, &head, &body, &parts}) visitor(*part);
  }

  PyObject* method = nullptr;
  PyObject* url = nullptr;
  PyObject* name = nullptr;   // where the request has none of its own
  PyObject* head = nullptr;   // the lines of its head
  PyObject* body = nullptr;   // or null
  PyObject* parts = nullptr;  // what its owner makes the request object of
  std::chrono::milliseconds connect_timeout{}, timeout{};
  bool verify = true;
};

void bind_asked(nb::module_& m);

}  // namespace katydid::python
