#pragma once

#include <nanobind/nanobind.h>

namespace katydid::python {

/// Binds `Session`: what the sessions of HttpUser and FastHttpUser derive from, with the way of a request that nothing
/// is special about.
void bind_session(nanobind::module_& m);

}  // namespace katydid::python
