#pragma once

#include <nanobind/nanobind.h>

#include <string>
#include <utility>
#include <vector>

namespace katydid::python {

namespace nb = nanobind;

/// `TypeWatch`: whether classes are still what they were, for less than one look-up of an attribute. CPython gives a
/// class another version tag when it, or one that it derives from, is changed; only then is `is_original` asked. Names
/// of modules are looked up each time, in some 10 ns.
class TypeWatch {
 public:
  using Names = std::vector<std::pair<nb::object, std::string>>;
  TypeWatch(const std::vector<nb::object>& types, nb::object is_original, const Names& names);

  bool intact() {
    for (const auto& [type, tag] : tags_)
      if (tag == 0 || reinterpret_cast<PyTypeObject*>(type.ptr())->tp_version_tag != tag) [[unlikely]]
        return look();
    for (const Global& global : globals_)
      if (global.now() != global.known.ptr()) [[unlikely]]
        return look();
    return intact_;
  }

 private:
  struct Global {
    nb::object dict, name, known;
    PyObject* now() const { return PyDict_GetItem(dict.ptr(), name.ptr()); }
  };
  bool look();

  std::vector<std::pair<nb::object, unsigned int>> tags_;
  std::vector<Global> globals_;
  nb::object is_original_;
  bool intact_ = true;
};

void bind_type_watch(nb::module_& m);

}  // namespace katydid::python
