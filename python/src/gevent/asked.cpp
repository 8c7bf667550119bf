#include "python/src/gevent/asked.hpp"

#include "python/src/cpython/text.hpp"

#include <structmember.h>

#include <cstddef>

namespace katydid::python {
namespace {

const Asked& native(PyObject* self) { return value_of<Asked>(self); }

PyObject* get_method(PyObject* self, void*) noexcept {
  return guarded([&] { return latin1_text(native(self).method); });
}

PyObject* get_url(PyObject* self, void*) noexcept {
  return guarded([&] { return utf8_text(native(self).url); });
}

PyObject* get_cookie(PyObject* self, void*) noexcept {
  return guarded([&] { return native(self).cookie.empty() ? nb::none() : latin1_text(native(self).cookie); });
}

PyObject* get_body(PyObject* self, void*) noexcept {
  return guarded([&]() -> nb::object {
    const Asked& asked = native(self);
    switch (asked.body_type) {
      case Asked::BodyType::bytes:
        return bytes_object(asked.body);
      case Asked::BodyType::text:
        return utf8_text(asked.body);
      case Asked::BodyType::object:
        return nb::borrow(asked.body_object);
      default:
        return nb::none();
    }
  });
}

PyObject* get_fields(PyObject* self, void*) noexcept {
  return guarded([&] {
    const Asked& asked = native(self);
    nb::list fields;
    std::string_view lines = std::string_view(asked.head).substr(asked.fields_at, asked.fields_end - asked.fields_at);
    while (!lines.empty()) {
      const std::string_view line = lines.substr(0, lines.find("\r\n"));
      const std::size_t colon = line.find(':');
      fields.append(nb::make_tuple(latin1_text(line.substr(0, colon)), latin1_text(line.substr(colon + 2))));
      lines.remove_prefix(line.size() + 2);
    }
    return fields;
  });
}

constexpr auto offset = offsetof(PlainObject<Asked>, value);
PyMemberDef members[] = {{"name", T_OBJECT, offset + offsetof(Asked, name), READONLY, nullptr},
                         {nullptr, 0, 0, 0, nullptr}};
PyGetSetDef attributes[] = {
    {"method", get_method, nullptr, nullptr, nullptr}, {"url", get_url, nullptr, nullptr, nullptr},
    {"fields", get_fields, nullptr, nullptr, nullptr}, {"cookie", get_cookie, nullptr, nullptr, nullptr},
    {"body", get_body, nullptr, nullptr, nullptr},     {nullptr, nullptr, nullptr, nullptr, nullptr}};

}  // namespace

void bind_asked(nb::module_& m) {
  add_type<Asked>(m, "Asked", Py_TPFLAGS_DISALLOW_INSTANTIATION,
                  {{Py_tp_members, members}, {Py_tp_getset, attributes}});
}

}  // namespace katydid::python
