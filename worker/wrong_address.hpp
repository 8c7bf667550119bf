#pragma once

#include "protocol/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace katydid {

/// What the log says of messages that came over a worker's connection and were for another one: each time that their
/// number has doubled, as there may be one every second.
class WrongAddress {
 public:
  std::optional<std::string> warning(const protocol::ForAnother& message, std::string_view node_id);

 private:
  std::uint64_t count_ = 0;
};

}  // namespace katydid
