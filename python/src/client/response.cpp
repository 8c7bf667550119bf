#include "python/src/client/response.hpp"

#include "http/ascii.hpp"
#include "python/src/client/arguments.hpp"
#include "python/src/cpython/plain_type.hpp"
#include "python/src/cpython/text.hpp"

#include <algorithm>
#include <chrono>
#include <functional>

namespace katydid::python {
namespace {

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
  if (!body_.is_valid()) body_ = bytes_object(response_.body());
  return body_;
}

/// As Python's http.client reads them.
nb::object ResponseObject::headers() {
  if (!headers_.is_valid()) {
    nb::list pairs;
    for (const Field& field : response_.headers())
      pairs.append(nb::make_tuple(latin1_text(field.name), latin1_text(field.value)));
    headers_ = pairs;
  }
  return headers_;
}

nb::object ResponseObject::header(nb::handle name) const {
  const std::string_view value = response_.header(text_of(name, "the name"));
  return value.data() ? latin1_text(value) : nb::none();
}

nb::object ResponseObject::sole_header(nb::handle name) const {
  const std::string_view wanted = text_of(name, "the name");
  std::string_view value;
  for (const Field& field : response_.headers()) {
    if (!same_name(field.name, wanted)) continue;
    if (value.data()) return nb::none();
    value = field.value;
  }
  return value.data() ? latin1_text(value) : nb::none();
}

nb::object ResponseObject::reason() const { return latin1_text(response_.reason()); }

nb::object ResponseObject::url() const { return utf8_text(response_.url()); }

double ResponseObject::elapsed() const { return std::chrono::duration<double>(response_.elapsed()).count(); }

nb::object ResponseObject::error() const {
  return response_.error().empty() ? nb::none() : utf8_text(response_.error());
}

nb::object ResponseObject::error_kind() const {
  return response_.error().empty() ? nb::none() : utf8_text(kind_of(response_.error()));
}

nb::list ResponseObject::history() {
  nb::list all;
  for (const Response::Content& each : response_.history())
    all.append(make_plain_as<ResponseObject>(Py_TYPE(owner_of(*this).ptr()), copy_of(each), nb::object()));
  return all;
}

namespace {

/// A member that the native response has itself.
template <auto function>
PyGetSetDef property_of_native(const char* name) {
  return property<ResponseObject, [](const ResponseObject& self) { return std::invoke(function, self.response()); }>(
      name);
}

void fail(ResponseObject& self, nb::handle text) { self.response().failure(text_of(text, "the reason")); }

PyMethodDef methods[] = {method_of_one<ResponseObject, &ResponseObject::header>("header"),
                         method_of_one<ResponseObject, &ResponseObject::sole_header>("sole_header"),
                         method<ResponseObject, [](ResponseObject& self) { self.response().success(); }>("success"),
                         method_of_one<ResponseObject, fail>("failure"),
                         method<ResponseObject, [](ResponseObject& self) { self.response().record(); }>("record"),
                         {nullptr, nullptr, 0, nullptr}};
PyGetSetDef attributes[] = {property_of_native<&Response::status>("status"),
                            property_of_native<&Response::ok>("ok"),
                            property_of_native<&Response::redirects>("redirects"),
                            property<ResponseObject, &ResponseObject::reason>("reason"),
                            property<ResponseObject, &ResponseObject::headers>("headers"),
                            property<ResponseObject, &ResponseObject::body>("body"),
                            property<ResponseObject, &ResponseObject::url>("url"),
                            property<ResponseObject, &ResponseObject::error>("error"),
                            property<ResponseObject, &ResponseObject::error_kind>("error_kind"),
                            property<ResponseObject, &ResponseObject::elapsed>("elapsed"),
                            property<ResponseObject, &ResponseObject::history>("history"),
                            {nullptr, nullptr, nullptr, nullptr, nullptr}};

}  // namespace

void bind_response(nb::module_& m) {
  add_type<ResponseObject>(m, "Response", Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                           {{Py_tp_methods, methods}, {Py_tp_getset, attributes}});
}

}  // namespace katydid::python
