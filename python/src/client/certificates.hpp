#pragma once

#include <nanobind/nanobind.h>

#include <string_view>

namespace katydid::python {

namespace nb = nanobind;

/// A path as the system takes it, bytes, of a str, bytes or os.PathLike; invalid for anything else. Throws what Python
/// does for a path with a null byte.
nb::object path_of(nb::handle object);
/// requests' `verify` where it is the path of a file with certificates to trust; invalid where it is a truth value.
nb::object authorities_of(nb::handle verify);

/// requests' `cert`: a path, or a pair of paths. Invalid parts were not given.
struct ClientCertificate {
  nb::object certificate, key;
};
/// Throws nb::type_error for what is neither.
ClientCertificate client_certificate_of(nb::handle cert);

/// "" for one that is invalid.
std::string_view view_of_path(const nb::object& path);

}  // namespace katydid::python
