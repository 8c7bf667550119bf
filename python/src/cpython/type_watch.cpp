#include "python/src/cpython/type_watch.hpp"

#include "python/src/cpython/api.hpp"

#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

namespace katydid::python {

TypeWatch::TypeWatch(const std::vector<nb::object>& types, nb::object is_original, const Names& names)
    : is_original_(std::move(is_original)) {
  for (const nb::object& type : types) {
    if (!PyType_Check(type.ptr())) throw nb::type_error("only classes can be watched");
    tags_.emplace_back(type, 0);
  }
  for (const auto& [module, name] : names) {
    if (!PyModule_Check(module.ptr())) throw nb::type_error("only names of modules can be watched");
    globals_.push_back({nb::borrow(PyModule_GetDict(module.ptr())), nb::steal(interned(name.c_str())), {}});
    globals_.back().known = nb::borrow(globals_.back().now());
  }
}

bool TypeWatch::look() {
  intact_ = truth(checked(PyObject_CallNoArgs(is_original_.ptr())));
  for (auto& [type, tag] : tags_) {
    PyObject_HasAttrString(type.ptr(), "__init__");  // a look-up is what gives it a tag
    tag = reinterpret_cast<PyTypeObject*>(type.ptr())->tp_version_tag;
  }
  for (Global& global : globals_) global.known = nb::borrow(global.now());
  return intact_;
}

void bind_type_watch(nb::module_& m) {
  nb::class_<TypeWatch>(m, "TypeWatch")
      .def(nb::init<const std::vector<nb::object>&, nb::object, const TypeWatch::Names&>(), nb::arg("types"),
           nb::arg("is_original"), nb::arg("names") = TypeWatch::Names())
      .def("intact", &TypeWatch::intact);
}

}  // namespace katydid::python
