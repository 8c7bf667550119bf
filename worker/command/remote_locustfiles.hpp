#pragma once

#include "worker/command/options.hpp"

#include <string>
#include <vector>

namespace katydid {

/// Brings locustfiles here that are elsewhere: `-f -` from the master, as Locust's workers do it, and `-f URL` from a
/// server. Returns the names to load in the place of options.locustfiles; others stay what they are. Waits for a master
/// that is not there yet. Throws LocustfileError.
std::vector<std::string> fetch_locustfiles(const Options& options);

}  // namespace katydid
