#pragma once

#include "tests/simulated/script.hpp"

#include <functional>
#include <optional>
#include <string>

namespace katydid::simulated {

/// What a world came to.
struct Outcome {
  std::optional<std::string> wrong;  ///< what should never be, and when
  double seconds = 0;                ///< that passed in it
};

/// Runs a world in which this happens, and in the end gives it the time to come to rest: the real control plane with
/// its link, its shard group and its statistics; everything around them is a model. `log` gets the worker's log and all
/// messages, each with its time; it may be empty.
Outcome run_world(const Script& script, const std::function<void(const std::string& line)>& log = {});

/// The shortest script that can be found in which something is still wrong: happenings are left out, alone and many at
/// once, and numbers made small and round.
Script shrink(Script script);

}  // namespace katydid::simulated
