#include "python/src/gevent/composing.hpp"

#include "http/ascii.hpp"
#include "http/header_text.hpp"
#include "python/src/client/arguments.hpp"
#include "python/src/gevent/cookie_list.hpp"

namespace katydid::python {
namespace {

/// UTF-8 of a str; false for others, and for text that has none.
bool utf8_of(PyObject* text, std::string_view& out) {
  if (!text || !PyUnicode_Check(text)) return false;
  Py_ssize_t size = 0;
  const char* const bytes = PyUnicode_AsUTF8AndSize(text, &size);
  if (!bytes) {
    PyErr_Clear();
    return false;
  }
  out = {bytes, static_cast<std::size_t>(size)};
  return true;
}

}  // namespace

bool take_method_of(PyObject* method, std::string& out) {
  std::string_view text;
  if (!utf8_of(method, text) || !is_token(text)) return false;
  out = text;
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
  }
  return true;
}

bool join_url(nb::handle session, PyObject* base_url, PyObject* url, std::string& out) {
  std::string_view text;
  if (!utf8_of(url, text)) return false;
  if (starts_ignoring_case(text, "http://") || starts_ignoring_case(text, "https://")) {
    out = text;
    return true;
  }
  const nb::object base = checked(PyObject_GetAttr(session.ptr(), base_url));
  std::string_view base_text;
  if (!utf8_of(base.ptr(), base_text)) return false;
  out.reserve(base_text.size() + text.size());
  out.append(base_text).append(text);
  return true;
}

bool put_headers(HeadLines& lines, nb::handle headers, nb::object& kept) {
  // A copy: what Python runs before the lines are written may change the dict that was given.
  nb::object dict = checked(PyDict_New());
  if (PyDict_Update(dict.ptr(), headers.ptr()) != 0) {
    PyErr_Clear();
    return false;
  }
  kept = dict;
  Py_ssize_t position = 0;
  PyObject *name = nullptr, *value = nullptr;
  while (PyDict_Next(dict.ptr(), &position, &name, &value)) {
    if (!lines.put(nb::handle(name), nb::handle(value))) return false;
  }
  return true;
}

bool take_cookies_of(nb::handle session, nb::handle jar, const Target& target, std::string& out) {
  static PyObject* const list_name = interned("list_of_cookies");
  static PyObject* const header_name = interned("_cookie_header");
  const nb::object list = nb::steal(PyObject_GetAttr(jar.ptr(), list_name));
  if (!list.is_valid()) PyErr_Clear();
  if (list.is_valid() && Py_TYPE(list.ptr()) == plain_type<CookieList>) {
    out = value_of<CookieList>(list).header(target);
    return true;
  }
  const nb::object url = nb::str(target.url().data(), target.url().size());
  const nb::object header = checked(PyObject_CallMethodOneArg(session.ptr(), header_name, url.ptr()));
  if (header.is_none()) return false;
  out = text_of(header, "cookie");
  return true;
}

nb::object instance_dict(nb::handle session) { return checked(PyObject_GenericGetDict(session.ptr(), nullptr)); }

}  // namespace katydid::python
