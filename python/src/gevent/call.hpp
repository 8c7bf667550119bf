#pragma once

#include "python/src/cpython/api.hpp"

#include <string>

namespace katydid::python {

/// What a session's request() was called with: borrowed references, null where a keyword was not given.
struct Call {
  PyObject* method = nullptr;
  PyObject* url = nullptr;
  PyObject* name = nullptr;
  PyObject* context = nullptr;
  PyObject* headers = nullptr;
  PyObject* params = nullptr;
  PyObject* data = nullptr;
  PyObject* json = nullptr;
  PyObject* files = nullptr;
  PyObject* auth = nullptr;
  PyObject* timeout = nullptr;
  PyObject* verify = nullptr;
  PyObject* cert = nullptr;
  bool catches = false;
  bool streams = false;
  bool redirects = true;
  bool only_for_requests = false;  ///< a keyword was given that geventhttpclient does not have

  /// Takes the keywords of a call by CPython's vectorcall convention. False when one asks for what a session leaves to
  /// Python: proxies, hooks, and words that nobody knows.
  bool take(PyObject* const* values, PyObject* keywords);
  /// All but name, context and catch_response, as a dict of keywords.
  nb::object rest() const;
};

/// An argument that is there, and true.
inline bool given(PyObject* argument) { return argument && argument != Py_None && truth(argument); }

/// User and password of `auth` as the value of an Authorization header; empty for what is no pair of texts or bytes in
/// Latin-1.
std::string authorization_of(nb::handle user, nb::handle password);

}  // namespace katydid::python
