#include "net/network_options.hpp"
#include "websocket/url.hpp"
#include "worker/running_user.hpp"
#include "worker/shard.hpp"
#include "worker/user/user.hpp"

#include <stdexcept>
#include <string>
#include <utility>

namespace katydid {

/// Of all clients of a user.
ClientOptions User::client_options(std::string base_url) const {
  NetworkShare share = network_share(running_.network_turn());
  return {.base_url = std::move(base_url),
          .source_address = std::move(share.source_address),
          .address_turn = share.address_turn,
          .tracer = shard().tracer()};
}

/// As in Locust, a user with an HTTP client can't be without a host.
ClientOptions User::host_options() const {
  if (!host().empty()) return client_options(host());
  throw std::runtime_error(
      "You must specify the base host: in the master's web UI, with --host, or by "
      "KATYDID_USER(…).host(\"https://…\")");
}

HttpClient User::make_http_client(std::string base_url) const {
  return HttpClient(shard().curl(), client_options(std::move(base_url)));
}

FastHttpClient User::make_fast_http_client(std::string base_url) const {
  return FastHttpClient(shard().fast(), client_options(std::move(base_url)));
}

Network User::network() const {
  NetworkShare share = network_share(running_.network_turn());
  return {.loop = &shard().loop(),
          .resolver = &shard().fast().resolver(),
          .tls_contexts = &shard().fast().tls_contexts(),
          .source_address = std::move(share.source_address),
          .address_turn = share.address_turn};
}

TcpClient User::make_tcp_client() const { return TcpClient(network()); }
UdpClient User::make_udp_client() const { return UdpClient(network()); }

HttpUser::HttpUser() : client(shard().curl(), host_options()) {}

FastHttpUser::FastHttpUser() : client(shard().fast(), host_options()) {}

/// A host may be that of a WebSocket.
WebSocketUser::WebSocketUser() {
  if (host().starts_with("ws")) client.options().base_url = http_url_of(host());
}

}  // namespace katydid
