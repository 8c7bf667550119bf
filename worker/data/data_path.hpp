#pragma once

#include <filesystem>
#include <string_view>

namespace katydid {

/// Data files are looked for here too, after the working directory: the folders of the locustfiles.
void add_data_folder(const std::filesystem::path& folder);

/// Where a locustfile's data is; throws std::runtime_error, with the folders it was looked for in, when it is nowhere.
std::filesystem::path find_data_file(std::string_view name);

}  // namespace katydid
