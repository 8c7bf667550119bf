#pragma once

#include "grpc/client.hpp"
#include "worker/user/user.hpp"

// For locustfiles with gRPC: `#include <katydid/grpc.hpp>` beside katydid.hpp. The stubs that are made of a .proto file
// include it by themselves.

namespace katydid {

/// A user who calls gRPC, as that of Locust's example: its host is "localhost:50051", or a URL of grpc, grpcs, http or
/// https. Calls go over one connection of its own.
class GrpcUser : public User {
 public:
  GrpcUser() : http(make_fast_http_client(host_options().base_url)), client(http) {}

  /// Where TLS, a proxy and time limits of connecting are set: `http.options().ca_file = "ca.pem"`.
  FastHttpClient http;
  GrpcClient client;
};

}  // namespace katydid
