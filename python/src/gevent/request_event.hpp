#pragma once

#include "python/src/gevent/exchange.hpp"

#include <nanobind/nanobind.h>

namespace katydid::python {

/// `Listener`: who counts the requests of Locust's `request` event, in C++ where it can.
struct Listener {
  template <class Visitor>
  void visit(Visitor&& visitor) {
    visitor(statistics);
  }

  PyObject* statistics = nullptr;  // a Statistics; None or null: it has to be called
  char needs_no_event = 0;         // where it is the only one that listens
};

/// Counts an exchange that went well, by the listeners of a session's event: as Locust's `EventHook.fire()` does, but
/// with no more of the event than somebody listens to. `response` is what the task gets.
void report(nb::handle event, nb::handle user, GreenExchange& exchange, nb::handle response);

void bind_listener(nb::module_& m);

}  // namespace katydid::python
