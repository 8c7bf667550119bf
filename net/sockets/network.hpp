#pragma once

#include <cstdint>
#include <string>

namespace katydid {

class Loop;
class Resolver;
class TlsContexts;

/// What a user's sockets are made with: of its shard, which outlives them, and of the command line.
struct Network {
  Loop* loop = nullptr;
  Resolver* resolver = nullptr;
  TlsContexts* tls_contexts = nullptr;
  std::string source_address{};    ///< which connections come from; empty: the system chooses
  std::uint32_t address_turn = 0;  ///< which of a name's addresses is tried first, counted round
};

}  // namespace katydid
