#include "python/src/client/corrected_user.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string_view.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace katydid::python {
namespace {

Recorder& counts(const nb::object& statistics) { return nb::cast<StatisticsObject&>(statistics).counts(); }

Recorder& nobody() {
  static NoRecorder recorder;
  return recorder;
}

}  // namespace

CorrectedUserObject::CorrectedUserObject(nb::object statistics, bool nothing_else)
    : statistics_object_(std::move(statistics)),
      correction_(nothing_else ? nobody() : counts(statistics_object_), counts(statistics_object_)) {}

void bind_corrected_user(nb::module_& m) {
  nb::class_<CorrectedUserObject>(m, "CorrectedUser")
      .def(nb::init<nb::object, bool>(), nb::arg("statistics"), nb::arg("nothing_else") = false)
      .def("task_begins", &CorrectedUserObject::task_begins)
      .def(
          "record",
          [](CorrectedUserObject& self, std::string_view method, std::string_view name,
             std::optional<double> response_time, std::uint64_t response_length,
             std::optional<std::string_view> error) {
            self.recorder().record(sample_of(method, name, response_time, response_length, error));
          },
          nb::arg("method"), nb::arg("name"), nb::arg("response_time").none(), nb::arg("response_length"),
          nb::arg("error").none() = nb::none())
      .def(
          "cut_off",
          [](CorrectedUserObject& self, std::string_view method, std::string_view name) {
            self.recorder().cut_off(method, name);
          },
          nb::arg("method"), nb::arg("name"));
}

}  // namespace katydid::python
