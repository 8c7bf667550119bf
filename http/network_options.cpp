#include "http/network_options.hpp"

#include <atomic>
#include <cstdint>
#include <utility>

namespace katydid {
namespace {

NetworkOptions network;
std::atomic<std::uint32_t> users = 0;

}  // namespace

void set_network_options(NetworkOptions options) { network = std::move(options); }

void assign_network_options(ClientOptions& client) {
  const auto& sources = network.source_addresses;
  if (sources.empty() && !network.rotate_addresses) return;
  const std::uint32_t user = users.fetch_add(1, std::memory_order_relaxed);
  if (!sources.empty()) client.source_address = sources[user % sources.size()];
  if (network.rotate_addresses) client.address_turn = user;
}

}  // namespace katydid
