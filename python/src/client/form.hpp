#pragma once

#include <nanobind/nanobind.h>

#include <string>

namespace katydid::python {

namespace nb = nanobind;

/// How urllib.parse.urlencode() takes values that are not one text.
enum class FormValues {
  single,   ///< as urlencode(fields): what is no text or number is for Python
  repeated  ///< as requests does: a list or tuple is several values of one name, and None is none
};

/// Adds the fields of a form or of a query, as urllib.parse.urlencode() writes them: of a dict, or of a list or tuple
/// of pairs, whose names and values are text, bytes or numbers. False for anything else, which is for Python to encode
/// or to refuse; `out` is what it was then.
bool append_form(std::string& out, nb::handle fields, FormValues values);

}  // namespace katydid::python
