#pragma once

#include "python/src/client/awaitable.hpp"

#include <nanobind/nanobind.h>

#include <utility>
#include <vector>

namespace katydid::python {

class TrioRequest;

/// What Trio is told when a task waits: its own message for that, whose function to abort the wait is `TrioAbort`. Both
/// are used by one request after another, as making them costs as much as all the rest of an await.
struct TrioWait {
  nb::object abort;
  nb::object message;
};

/// `TrioAbort`: called by Trio to cancel the task that waits.
struct TrioAbort {
  TrioRequest* request = nullptr;
};

/// `Trio`: what requests are awaited by.
class Trio {
 public:
  /// `done` is an outcome that a task is resumed with when its answer is there, and is told from Trio's own by its
  /// identity. `context` has the current task as `task`; where it hasn't, `current_task` is asked.
  Trio(nb::object current_task, nb::object wait_task_rescheduled, nb::object reschedule, nb::object succeeded,
       nb::object done, nb::dict context)
      : current_task_(std::move(current_task)),
        wait_task_rescheduled_(std::move(wait_task_rescheduled)),
        reschedule_(std::move(reschedule)),
        succeeded_(std::move(succeeded)),
        done_(std::move(done)),
        context_(std::move(context)) {}

  TrioWait wait_for(TrioRequest& request);
  void give_back(TrioWait wait);
  nb::object current_task() const;
  /// Nothing, with the error set, when Trio raises.
  nb::object resume(nb::handle task) const;
  const nb::object& succeeded() const { return succeeded_; }
  const nb::object& done() const { return done_; }

 private:
  nb::object current_task_, wait_task_rescheduled_, reschedule_, succeeded_, done_;
  nb::dict context_;
  std::vector<TrioWait> unused_;
};

/// `TrioRequest`: a request under way that a task of Trio's awaits.
class TrioRequest final : public AwaitedExchange {
 public:
  TrioRequest(ClientObject& client, nb::object client_object)
      : AwaitedExchange(client, std::move(client_object)), trio_(*client.trio()) {}
  ~TrioRequest() override { stop_waiting(); }

  PySendResult send(PyObject* value, PyObject** result);
  /// Trio cancels the task.
  nb::object abort();
  void close() { Exchange::cancel(); }

 private:
  bool waits() const { return wait_.message.is_valid(); }
  void stop_waiting();
  void finish(Response response, nb::object raised) override;

  Trio& trio_;  // kept by the client
  TrioWait wait_;
  nb::object task_;
};

void bind_trio_request(nb::module_& m);

}  // namespace katydid::python
