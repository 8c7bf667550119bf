#pragma once

#include <nanobind/nanobind.h>

namespace katydid::python {

namespace nb = nanobind;

/// `Renaming`: a `with` block that gives its name to the requests that a client begins in it, Locust's
/// `rename_request`. As in Locust the client has no name after it, even where it had one before.
struct Renaming {
  nb::object client, name;
};

/// Client.rename_request(name)
nb::object rename_request(nb::object client, nb::object name);

void bind_renaming(nb::module_& m);

}  // namespace katydid::python
