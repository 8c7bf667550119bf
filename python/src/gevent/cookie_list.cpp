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

std::string latin(nb::handle text) {
  const auto bytes = latin1_of(text);
  if (!bytes) throw nb::value_error("a cookie is not Latin-1");
  return std::string(*bytes);
}

PyObject* make(PyTypeObject* type, PyObject* arguments, PyObject*) noexcept {
  return guarded([&] {
    PyObject* rows = nullptr;
    if (!PyArg_ParseTuple(arguments, "O!:CookieList", &PyList_Type, &rows)) throw nb::python_error();
    nb::object self = make_plain_as<CookieList>(type);
    CookieList& list = value_of<CookieList>(self);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(rows); ++i) {
      PyObject *domain = nullptr, *path = nullptr, *text = nullptr, *expires = nullptr;
      int secure = 0;
      if (!PyArg_ParseTuple(PyList_GET_ITEM(rows, i), "UUUpO", &domain, &path, &text, &secure, &expires))
        throw nb::python_error();
      CookieList::Cookie cookie{
          .domain = latin(domain), .path = latin(path), .text = latin(text), .secure = secure != 0};
      if (!cookie.domain.empty() && !cookie.domain.starts_with('.')) cookie.domain.insert(0, 1, '.');
      if (expires != Py_None) {
        cookie.expires = PyFloat_AsDouble(expires);
        if (PyErr_Occurred()) throw nb::python_error();
      }
      list.add(std::move(cookie));
    }
    list.sort();
    return self;
  });
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

void bind_cookie_list(nb::module_& m) { add_type<CookieList>(m, "CookieList", 0, {slot(Py_tp_new, make)}); }

}  // namespace katydid::python
