#include "http/network_options.hpp"
#include "worker/shard.hpp"
#include "worker/user/user.hpp"

#include <stdexcept>
#include <string>
#include <utility>

namespace katydid {

namespace {

/// As in Locust, a user with an HTTP client can't be without a host.
ClientOptions client_options(const std::string& host, Tracer* tracer) {
  if (host.empty()) {
    throw std::runtime_error(
        "You must specify the base host: in the master's web UI, with --host, or by "
        "KATYDID_USER(…).host(\"https://…\")");
  }
  ClientOptions options{.base_url = host, .tracer = tracer};
  assign_network_options(options);
  return options;
}

}  // namespace

HttpClient User::make_http_client(std::string base_url) const {
  return HttpClient(shard().curl(), {.base_url = std::move(base_url), .tracer = shard().tracer()});
}

FastHttpClient User::make_fast_http_client(std::string base_url) const {
  return FastHttpClient(shard().fast(), {.base_url = std::move(base_url), .tracer = shard().tracer()});
}

HttpUser::HttpUser() : client(shard().curl(), client_options(host(), shard().tracer())) {}

FastHttpUser::FastHttpUser() : client(shard().fast(), client_options(host(), shard().tracer())) {}

}  // namespace katydid
