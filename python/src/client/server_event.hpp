#pragma once

#include "http/stream/event_parser.hpp"

#include <nanobind/nanobind.h>

namespace katydid::python {

namespace nb = nanobind;

/// The class, when its objects can be made of events; else throws nb::type_error.
nb::object checked_event_class(nb::object event_class);

/// An object of that class, which is `ServerSentEvent` or is derived from it.
nb::object make_event(nb::handle event_class, const ServerSentEvent& event);

void bind_server_event(nb::module_& m);

}  // namespace katydid::python
