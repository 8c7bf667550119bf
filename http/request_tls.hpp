#pragma once

#include "http/client_options.hpp"
#include "http/request.hpp"
#include "net/tls_context.hpp"

namespace katydid {

/// What the connection of a request is to have: what the request says, and the client's for the rest.
TlsSettings tls_of_request(const ClientOptions& client, const RequestOptions& options);

}  // namespace katydid
