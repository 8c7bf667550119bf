#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

/// The word that comes first on the command line of `katydid compare`.
inline constexpr const char* compare_command = "compare";

struct CompareOption {
  std::string_view name;
  std::string_view value;  ///< "<time>"; empty: it takes none
  std::string_view help;
};

/// In the order of `katydid compare --help`.
std::span<const CompareOption> compare_options();

/// `katydid compare BEFORE... --with AFTER...`; `words` are those after "compare". Prints, and returns the exit code.
int compare_runs(const std::vector<std::string>& words);

}  // namespace katydid
