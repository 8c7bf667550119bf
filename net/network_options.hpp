#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace katydid {

/// What the command line says of the connections of all users.
struct NetworkOptions {
  std::vector<std::string> source_addresses{};  ///< each user takes the next one
  bool rotate_addresses = false;                ///< each user begins with the next of a name's addresses
};

/// Before there are users.
void set_network_options(NetworkOptions options);

/// One more user's place among all. From any thread.
std::uint32_t next_network_turn();

/// What the user with that turn has of them.
struct NetworkShare {
  std::string source_address{};
  std::uint32_t address_turn = 0;
};
NetworkShare network_share(std::uint32_t turn);

}  // namespace katydid
