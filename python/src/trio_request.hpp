#pragma once

#include "python/src/awaitable.hpp"

#include <nanobind/nanobind.h>

namespace katydid::python {

/// What TrioRequest calls, as a tuple: `(current_task, wait_task_rescheduled, reschedule, an outcome of None,
/// Abort.SUCCEEDED)`.
enum class TrioPart { current_task, wait, reschedule, nothing, aborted };

/// `TrioRequest`: a request under way that a task of Trio's awaits, by Trio's own wait_task_rescheduled().
///
/// It is also the function that Trio calls to abort the wait, and it keeps the response, so that nothing else has to be
/// made for a request.
class TrioRequest final : public AwaitedExchange {
 public:
  using AwaitedExchange::AwaitedExchange;

  PySendResult send(PyObject* self, PyObject* value, PyObject** result);
  /// Trio cancels the task.
  nb::object abort();
  void close() { Exchange::cancel(); }

 private:
  nb::handle part(TrioPart part) const {
    return PyTuple_GET_ITEM(client().trio().ptr(), static_cast<Py_ssize_t>(part));
  }
  void finish(Response response) override;

  nb::object task_, waiting_;
};

void bind_trio_request(nb::module_& m);

}  // namespace katydid::python
