#include "python/src/client/cookies.hpp"

#include "http/url.hpp"

#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include <chrono>
#include <string>

namespace katydid::python {
namespace {

nb::object expiry(const CookieView& cookie) {
  if (!cookie.expires) return nb::none();
  return nb::float_(static_cast<double>(cookie.expires->time_since_epoch().count()));
}

/// (name, value, domain, path, host_only, secure, http_only, expires)
nb::list list(const Cookies& cookies) {
  nb::list out;
  for (const CookieView& cookie : cookies.jar().list()) {
    out.append(nb::make_tuple(cookie.name, cookie.value, cookie.domain, cookie.path, cookie.host_only, cookie.secure,
                              cookie.http_only, expiry(cookie)));
  }
  return out;
}

Url url_for(const std::string& text) {
  if (!is_absolute_url(text)) throw nb::value_error(("not an absolute http or https URL: \"" + text + "\"").c_str());
  return split_url(text);
}

}  // namespace

void bind_cookies(nb::module_& m) {
  nb::class_<Cookies>(m, "Cookies")
      .def(
          "get", [](const Cookies& self, std::string_view name) { return std::string(self.jar().get(name)); },
          nb::arg("name"))
      .def(
          "set",
          [](const Cookies& self, std::string_view name, std::string_view value, const std::string& url) {
            self.jar().set(name, value, url_for(url), std::chrono::system_clock::now());
          },
          nb::arg("name"), nb::arg("value"), nb::arg("url"))
      .def(
          "store",
          [](const Cookies& self, std::string_view set_cookie, const std::string& url) {
            return self.jar().store(set_cookie, url_for(url), std::chrono::system_clock::now());
          },
          nb::arg("set_cookie"), nb::arg("url"))
      .def(
          "delete", [](const Cookies& self, std::string_view name) { return self.jar().erase(name); }, nb::arg("name"))
      .def("clear", [](const Cookies& self) { self.jar().clear(); })
      .def(
          "header",
          [](const Cookies& self, const std::string& url) {
            std::string out;
            self.jar().append_header(out, url_for(url), std::chrono::system_clock::now());
            return out;
          },
          nb::arg("url"))
      .def("list", &list)
      .def("__len__", [](const Cookies& self) { return self.jar().size(); });
}

}  // namespace katydid::python
