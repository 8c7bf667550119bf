#pragma once

#include "http/multipart.hpp"

#include <nanobind/nanobind.h>

namespace katydid::python {

namespace nb = nanobind;

/// Adds a form's fields and then its files, given as requests takes them for `data` and `files`: dicts or lists of
/// pairs; a field's value may be a list; a file is bytes, text, something with read(), or a tuple of file name, one of
/// these, and perhaps a content type and a dict of headers. False for anything else, which is for Python to send or to
/// refuse; nothing has been read then. Throws what read() raises.
bool append_files(Multipart& form, nb::handle data, nb::handle files);

}  // namespace katydid::python
