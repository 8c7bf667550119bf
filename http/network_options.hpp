#pragma once

#include "http/client_options.hpp"

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
/// What one more user's client has of them. From any thread.
void assign_network_options(ClientOptions& client);

}  // namespace katydid
