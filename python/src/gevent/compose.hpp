#pragma once

#include "python/src/gevent/call.hpp"
#include "python/src/gevent/target.hpp"

namespace katydid::python {

/// The request that a session of Locust's would send for a call, as an Asked; invalid where only requests or
/// geventhttpclient can say. Nothing is kept from one call to the next.
/// @{
nb::object compose_for_requests(nb::handle session, const Call& call);          ///< for katydid.gevent's HttpSession
nb::object compose_for_geventhttpclient(nb::handle session, const Call& call);  ///< for its FastHttpSession
/// @}

/// What the installed geventhttpclient does with URLs.
Quoting quoting_of_agents();

void bind_compose(nb::module_& m);

}  // namespace katydid::python
