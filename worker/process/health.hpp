#pragma once

#include <functional>
#include <string>

namespace katydid {

/// What a process says of itself when `katydid --health` asks it.
struct Health {
  bool well = true;
  std::string text{};  ///< "running, master 127.0.0.1:5557"
};

using HealthCallback = std::function<void(const Health&)>;

}  // namespace katydid
