#pragma once

#include "worker/command/option_table.hpp"

#include <span>
#include <string>
#include <vector>

namespace katydid {

/// The word that comes first on the command line of `katydid compare`.
inline constexpr const char* compare_command = "compare";

/// In the order of `katydid compare --help`.
std::span<const OptionSpec> compare_options();

/// `katydid compare BEFORE... --with AFTER...`; `words` are those after "compare". Prints, and returns the exit code.
int compare_runs(const std::vector<std::string>& words);

}  // namespace katydid
