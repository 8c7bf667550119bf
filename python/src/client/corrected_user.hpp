#pragma once

#include "python/src/engine/statistics.hpp"
#include "worker/arrivals/latency_correction.hpp"

#include <nanobind/nanobind.h>

namespace katydid::python {

/// `CorrectedUser`: a user whose times are corrected; clients record by it in place of the statistics.
class CorrectedUserObject {
 public:
  /// `nothing_else`: what it is told of is counted elsewhere.
  CorrectedUserObject(nb::object statistics, bool nothing_else);

  void task_begins() { correction_.task_begins(); }
  Recorder& recorder() { return correction_; }

 private:
  nb::object statistics_object_;
  LatencyCorrection correction_;
};

void bind_corrected_user(nb::module_& m);

}  // namespace katydid::python
