#include "python/src/client/corrected_user.hpp"

#include "python/src/client/user_recorder.hpp"

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
  auto type = nb::class_<CorrectedUserObject>(m, "CorrectedUser")
                  .def(nb::init<nb::object, bool>(), nb::arg("statistics"), nb::arg("nothing_else") = false)
                  .def("task_begins", &CorrectedUserObject::task_begins);
  bind_recorder(type);
}

}  // namespace katydid::python
