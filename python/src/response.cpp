#include "python/src/response.hpp"

#include "http/ascii.hpp"

#include <nanobind/stl/string_view.h>

#include <algorithm>
#include <chrono>

namespace katydid::python {
namespace {

/// As Python's http.client reads headers.
nb::object latin1(std::string_view text) {
  return nb::steal(PyUnicode_DecodeLatin1(text.data(), static_cast<Py_ssize_t>(text.size()), nullptr));
}

nb::object utf8(std::string_view text) {
  return nb::steal(PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace"));
}

/// "ConnectTimeout: no connection …" and "HTTPError('404 …')" begin with what they are.
std::string_view kind_of(std::string_view error) {
  const auto end = std::ranges::find_if(
      error, [](char c) { return !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9'); });
  return error.substr(0, static_cast<std::size_t>(end - error.begin()));
}

Response copy_of(const Response::Content& content) {
  Response::Content copy = content;
  return Response(std::move(copy));
}

}  // namespace

nb::object ResponseObject::body() {
  if (!body_.is_valid()) {
    const std::string& text = response_.body();
    body_ = nb::steal(PyBytes_FromStringAndSize(text.data(), static_cast<Py_ssize_t>(text.size())));
  }
  return body_;
}

nb::object ResponseObject::headers() {
  if (!headers_.is_valid()) {
    nb::list pairs;
    for (const Field& field : response_.headers())
      pairs.append(nb::make_tuple(latin1(field.name), latin1(field.value)));
    headers_ = pairs;
  }
  return headers_;
}

nb::object ResponseObject::header(std::string_view name) const {
  const std::string_view value = response_.header(name);
  return value.data() ? latin1(value) : nb::none();
}

nb::object ResponseObject::error() const { return response_.error().empty() ? nb::none() : utf8(response_.error()); }

nb::object ResponseObject::error_kind() const {
  return response_.error().empty() ? nb::none() : utf8(kind_of(response_.error()));
}

nb::list ResponseObject::history() const {
  nb::list all;
  for (const Response::Content& each : response_.history())
    all.append(nb::cast(ResponseObject(copy_of(each), nb::none())));
  return all;
}

void bind_response(nb::module_& m) {
  nb::class_<ResponseObject>(m, "Response")
      .def_prop_ro("status", [](const ResponseObject& self) { return self.response().status(); })
      .def_prop_ro("ok", [](const ResponseObject& self) { return self.response().ok(); })
      .def_prop_ro("reason", [](const ResponseObject& self) { return latin1(self.response().reason()); })
      .def_prop_ro("headers", &ResponseObject::headers)
      .def("header", &ResponseObject::header, nb::arg("name"))
      .def_prop_ro("body", &ResponseObject::body)
      .def_prop_ro("url", [](const ResponseObject& self) { return utf8(self.response().url()); })
      .def_prop_ro("redirects", [](const ResponseObject& self) { return self.response().redirects(); })
      .def_prop_ro("error", &ResponseObject::error)
      .def_prop_ro("error_kind", &ResponseObject::error_kind)
      .def_prop_ro(
          "elapsed",
          [](const ResponseObject& self) { return std::chrono::duration<double>(self.response().elapsed()).count(); })
      .def_prop_ro("history", &ResponseObject::history)
      .def("success", [](ResponseObject& self) { self.response().success(); })
      .def(
          "failure", [](ResponseObject& self, std::string_view text) { self.response().failure(text); },
          nb::arg("text"))
      .def("record", [](ResponseObject& self) { self.response().record(); });
}

}  // namespace katydid::python
