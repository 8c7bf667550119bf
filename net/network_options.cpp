#include "net/network_options.hpp"

#include <atomic>
#include <utility>

namespace katydid {
namespace {

NetworkOptions network;
std::atomic<std::uint32_t> users = 0;

}  // namespace

void set_network_options(NetworkOptions options) { network = std::move(options); }

std::uint32_t next_network_turn() {
  if (network.source_addresses.empty() && !network.rotate_addresses) return 0;
  return users.fetch_add(1, std::memory_order_relaxed);
}

NetworkShare network_share(std::uint32_t turn) {
  const auto& sources = network.source_addresses;
  return {.source_address = sources.empty() ? std::string() : sources[turn % sources.size()],
          .address_turn = network.rotate_addresses ? turn : 0};
}

}  // namespace katydid
