#pragma once

#include <filesystem>
#include <vector>

namespace katydid {

/// Include directories of katydid's public headers: of the installation that this program belongs to, or of the build
/// tree that it is in. Throws LocustfileError when there is neither.
std::vector<std::filesystem::path> find_header_dirs();

/// Throws LocustfileError when the headers are not those that this program was built with: a locustfile that is
/// compiled with others can crash in any way.
void check_headers(const std::vector<std::filesystem::path>& include_dirs);

}  // namespace katydid
