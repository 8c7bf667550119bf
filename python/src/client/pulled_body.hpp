#pragma once

#include "http/body_source.hpp"

#include <nanobind/nanobind.h>

#include <memory>

namespace katydid::python {

namespace nb = nanobind;

/// The body of a request that an open file or an iterator makes, which are read while it is sent. Null for what is
/// neither. A file whose size can be told is sent with it, from where it stands; a text file, in UTF-8, in chunks.
std::shared_ptr<BodySource> pulled_body(nb::handle object);

/// A piece of a body, as str or bytes: itself, or what a buffer holds. Throws nb::type_error.
nb::object piece_of_body(nb::object object);

/// Whether that is an async iterator, or makes one.
bool is_async_iterable(nb::handle object);

}  // namespace katydid::python
