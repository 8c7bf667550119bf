#include "python/src/gevent/cookie_list.hpp"

#include "python/src/cpython/text.hpp"

#include <algorithm>
#include <chrono>

namespace katydid::python {
namespace {

bool is_below(std::string_view path, std::string_view cookie_path) {
  if (!path.starts_with(cookie_path)) return false;
  return path.size() == cookie_path.size() || cookie_path.ends_with('/') || path[cookie_path.size()] == '/';
}

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

struct Names {
  PyObject* domain = interned("domain");
  PyObject* path = interned("path");
  PyObject* name = interned("name");
  PyObject* value = interned("value");
  PyObject* secure = interned("secure");
  PyObject* expires = interned("expires");
  PyObject* version = interned("version");
  PyObject* port = interned("port");
};

const Names& names() {
  static const auto& names = *new Names;
  return names;
}

bool append(std::string& out, const nb::object& text) {
  const auto bytes = latin1_of(text);
  if (bytes) out.append(*bytes);
  return bytes.has_value();
}

/// False for what only http.cookiejar can judge.
bool read(nb::handle object, CookieList::Cookie& cookie) {
  const auto part = [&](PyObject* name) { return checked(PyObject_GetAttr(object.ptr(), name)); };
  const nb::object version = part(names().version), value = part(names().value), expires = part(names().expires);
  if (!PyLong_CheckExact(version.ptr()) || PyLong_AsLong(version.ptr()) != 0 || !part(names().port).is_none()) {
    PyErr_Clear();
    return false;
  }
  if (!append(cookie.domain, part(names().domain)) || !append(cookie.path, part(names().path))) return false;
  if (!append(cookie.text, part(names().name))) return false;
  if (!value.is_none()) {
    cookie.text += '=';
    if (!append(cookie.text, value)) return false;
  }
  if (!cookie.domain.empty() && !cookie.domain.starts_with('.')) cookie.domain.insert(0, 1, '.');
  cookie.secure = truth(part(names().secure));
  if (expires.is_none()) return true;
  if (!PyLong_Check(expires.ptr()) && !PyFloat_Check(expires.ptr())) return false;
  cookie.expires = PyFloat_AsDouble(expires.ptr());
  if (PyErr_Occurred()) throw nb::python_error();
  return true;
}

}  // namespace

void CookieList::sort() {
  std::ranges::stable_sort(cookies_, std::greater(), [](const Cookie& cookie) { return cookie.path.size(); });
}

std::string CookieList::header(const Target& target) const {
  // Both as http.cookiejar compares them, whether the host had set a cookie for itself alone or not.
  std::string host(".");
  host.append(target.name());
  const std::string effective = host.find('.', 1) == host.npos ? host + ".local" : host;
  std::string_view path = target.path();
  path = path.substr(0, path.find('?'));
  double now = -1;
  std::string header;
  for (const Cookie& cookie : cookies_) {
    if (!effective.ends_with(cookie.domain) || !is_below(path, cookie.path)) continue;
    if (cookie.secure && !target.is_https()) continue;
    if (cookie.expires != std::numeric_limits<double>::infinity()) {
      if (now < 0) now = seconds_now();
      if (cookie.expires <= now) continue;
    }
    if (!header.empty()) header += "; ";
    header += cookie.text;
  }
  return header;
}

nb::object cookie_list_of(nb::handle cookies) {
  nb::object self = make_plain<CookieList>();
  CookieList& list = value_of<CookieList>(self);
  // What is looked at may be changed by what an attribute of a cookie does.
  const nb::object domains = checked(PyDict_Values(cookies.ptr()));
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(domains.ptr()); ++i) {
    const nb::object paths = checked(PyDict_Values(PyList_GET_ITEM(domains.ptr(), i)));
    for (Py_ssize_t j = 0; j < PyList_GET_SIZE(paths.ptr()); ++j) {
      const nb::object all = checked(PyDict_Values(PyList_GET_ITEM(paths.ptr(), j)));
      for (Py_ssize_t k = 0; k < PyList_GET_SIZE(all.ptr()); ++k) {
        CookieList::Cookie cookie;
        if (!read(PyList_GET_ITEM(all.ptr(), k), cookie)) return nb::none();
        list.add(std::move(cookie));
      }
    }
  }
  list.sort();
  return self;
}

void bind_cookie_list(nb::module_& m) { add_type<CookieList>(m, "CookieList", Py_TPFLAGS_DISALLOW_INSTANTIATION, {}); }

}  // namespace katydid::python
