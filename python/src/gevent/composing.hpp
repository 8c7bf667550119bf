#pragma once

#include "python/src/gevent/compose.hpp"
#include "python/src/gevent/head.hpp"

#include <string>

namespace katydid::python {

// What the two ways to compose a request have in common. All return false for what is for Python to judge.

/// The method in capitals.
bool take_method_of(PyObject* method, std::string& out);
/// The URL as it is given, or behind the session's base URL: Locust's _build_url().
bool join_url(nb::handle session, PyObject* base_url, PyObject* url, std::string& out);
/// A request's own headers; `kept` has to stay for as long as the lines.
bool put_headers(HeadLines& lines, nb::handle headers, nb::object& kept);
/// A session's __dict__.
nb::object instance_dict(nb::handle session);

}  // namespace katydid::python
