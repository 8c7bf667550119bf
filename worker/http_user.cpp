#include "worker/shard.hpp"
#include "worker/user/user.hpp"

#include <stdexcept>

namespace katydid {

namespace {

/// As in Locust, a user with an HTTP client can't be without a host.
ClientOptions client_options(const std::string& host, Tracer* tracer) {
  if (host.empty()) {
    throw std::runtime_error(
        "You must specify the base host: in the master's web UI, with --host, or by "
        "KATYDID_USER(…).host(\"https://…\")");
  }
  return {.base_url = host, .tracer = tracer};
}

}  // namespace

HttpUser::HttpUser() : client(shard().curl(), client_options(host(), shard().tracer())) {}

FastHttpUser::FastHttpUser() : client(shard().fast(), client_options(host(), shard().tracer())) {}

}  // namespace katydid
