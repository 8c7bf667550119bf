#pragma once

#include "python/src/engine/statistics.hpp"

#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string_view.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace katydid::python {

/// What the statistics and all that stand in their place have: `record()` and `cut_off()`, by `recorder()`.
template <class T>
void bind_recorder(nb::class_<T>& type) {
  type.def(
          "record",
          [](T& self, std::string_view method, std::string_view name, std::optional<double> response_time,
             std::uint64_t response_length, std::optional<std::string_view> error) {
            self.recorder().record(sample_of(method, name, response_time, response_length, error));
          },
          nb::arg("method"), nb::arg("name"), nb::arg("response_time").none(), nb::arg("response_length"),
          nb::arg("error").none() = nb::none())
      .def(
          "cut_off",
          [](T& self, std::string_view method, std::string_view name) { self.recorder().cut_off(method, name); },
          nb::arg("method"), nb::arg("name"));
}

}  // namespace katydid::python
