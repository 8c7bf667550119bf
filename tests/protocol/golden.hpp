#pragma once
#include "base/value.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace katydid::testing {

/// One frame of a real conversation, as tools/record_golden.py stored it.
struct Golden {
  /// Where it is: "2.47.0/from_master-spawn-01".
  std::string name;
  std::string version;
  /// "from_master" or "to_master".
  std::string direction;
  std::string type;
  std::string frame;
};

/// All recorded frames of a direction, in the order of their names; fails when a release is missing.
std::vector<Golden> golden_frames(std::string_view direction);

}  // namespace katydid::testing
