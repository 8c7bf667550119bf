#include "worker/data/data_path.hpp"

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace katydid {
namespace {

namespace fs = std::filesystem;

std::mutex mutex;

std::vector<fs::path>& folders() {
  static std::vector<fs::path> all;
  return all;
}

}  // namespace

void add_data_folder(const fs::path& folder) {
  std::lock_guard lock(mutex);
  if (std::ranges::find(folders(), folder) == folders().end()) folders().push_back(folder);
}

fs::path find_data_file(std::string_view name) {
  std::error_code ignored;
  fs::path given(name);
  if (fs::exists(given, ignored)) return given;
  std::string looked = "the working directory";
  std::lock_guard lock(mutex);
  for (const fs::path& folder : folders()) {
    if (given.is_absolute()) break;
    if (fs::exists(folder / given, ignored)) return folder / given;
    looked += ", " + folder.string();
  }
  throw std::runtime_error("there is no file " + given.string() + (given.is_absolute() ? "" : " in " + looked));
}

}  // namespace katydid
