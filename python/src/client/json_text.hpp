#pragma once

#include <nanobind/nanobind.h>

#include <string>

namespace katydid::python {

namespace nb = nanobind;

/// Adds what json.dumps() makes of the value: ASCII, with ", " and ": ". False for what only Python can say, and `out`
/// is what it was then: classes that are derived from those of JSON, keys that are no text, NaN and infinity, numbers
/// of thousands of digits, and nesting that is deep or has no end.
bool append_json(std::string& out, nb::handle value);

}  // namespace katydid::python
