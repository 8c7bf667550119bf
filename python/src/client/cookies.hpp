#pragma once

#include "python/src/client/client.hpp"

#include <nanobind/nanobind.h>

namespace katydid::python {

/// `Cookies`: those of a client, which it keeps.
struct Cookies {
  nb::object client;
  CookieJar& jar() const { return nb::cast<ClientObject&>(client).http().cookies(); }
};

void bind_cookies(nb::module_& m);

}  // namespace katydid::python
