#pragma once

#include "python/src/gevent/compose.hpp"
#include "python/src/gevent/head.hpp"
#include "python/src/gevent/target.hpp"

#include <string>

namespace katydid::python {

// What the two ways to compose a request have in common. All return false for what is for Python to judge.

/// The method in capitals.
bool take_method_of(PyObject* method, std::string& out);
/// The URL as it is given, or behind the session's base URL: Locust's _build_url().
bool join_url(nb::handle session, PyObject* base_url, PyObject* url, std::string& out);
/// A request's own headers; `kept` gets what has to stay for as long as the lines.
bool put_headers(HeadLines& lines, nb::handle headers, nb::object& kept);
/// The value of the Cookie header that a jar has for a request there: by what the jar has made of itself for C++, else
/// by the session's `_cookie_header()`. Empty when there is none.
bool take_cookies_of(nb::handle session, nb::handle jar, const Target& target, std::string& out);
/// A session's __dict__.
nb::object instance_dict(nb::handle session);

}  // namespace katydid::python
