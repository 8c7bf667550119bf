#include "python/src/cpython/type_watch.hpp"

#include "python/src/cpython/api.hpp"

#include <nanobind/stl/vector.h>

namespace katydid::python {

TypeWatch::TypeWatch(const std::vector<nb::object>& types, nb::object is_original)
    : is_original_(std::move(is_original)) {
  for (const nb::object& type : types) {
    if (!PyType_Check(type.ptr())) throw nb::type_error("only classes can be watched");
    tags_.emplace_back(type, 0);
  }
}

bool TypeWatch::look() {
  intact_ = truth(checked(PyObject_CallNoArgs(is_original_.ptr())));
  for (auto& [type, tag] : tags_) {
    PyObject_HasAttrString(type.ptr(), "__init__");  // a look-up is what gives it a tag
    tag = reinterpret_cast<PyTypeObject*>(type.ptr())->tp_version_tag;
  }
  return intact_;
}

void bind_type_watch(nb::module_& m) {
  nb::class_<TypeWatch>(m, "TypeWatch")
      .def(nb::init<const std::vector<nb::object>&, nb::object>(), nb::arg("types"), nb::arg("is_original"))
      .def("intact", &TypeWatch::intact);
}

}  // namespace katydid::python
