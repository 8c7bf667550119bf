#pragma once

#include <nanobind/nanobind.h>

#include <utility>
#include <vector>

namespace katydid::python {

namespace nb = nanobind;

/// `TypeWatch`: whether classes are still what they were, for less than one look-up of an attribute. CPython gives a
/// class another version tag when it, or one that it derives from, is changed; only then is `is_original` asked.
class TypeWatch {
 public:
  TypeWatch(const std::vector<nb::object>& types, nb::object is_original);

  bool intact() {
    for (const auto& [type, tag] : tags_)
      if (tag == 0 || reinterpret_cast<PyTypeObject*>(type.ptr())->tp_version_tag != tag) [[unlikely]]
        return look();
    return intact_;
  }

 private:
  bool look();

  std::vector<std::pair<nb::object, unsigned int>> tags_;
  nb::object is_original_;
  bool intact_ = true;
};

void bind_type_watch(nb::module_& m);

}  // namespace katydid::python
