#pragma once

#include "base/value.hpp"

#include <nanobind/nanobind.h>

namespace katydid::python {

namespace nb = nanobind;

/// Python's None, bool, int, float, str, bytes, list and dict of a Value.
nb::object to_python(const Value& value);
/// The reverse, tuples included; throws nb::type_error for other types, and for ints beyond 64 bits.
Value from_python(nb::handle object);

}  // namespace katydid::python
