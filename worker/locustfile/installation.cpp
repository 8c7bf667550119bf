#include "worker/locustfile/installation.hpp"

#include <iterator>
#include <optional>
#include <system_error>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

#include "base/digest.hpp"
#include "worker/locustfile/build_info.hpp"
#include "worker/locustfile/header_hash.hpp"
#include "worker/locustfile/locustfile.hpp"

namespace katydid {
namespace {

namespace fs = std::filesystem;

fs::path program_file() {
  std::error_code error;
#ifdef __APPLE__
  char path[4096] = {};
  std::uint32_t size = sizeof path;
  if (_NSGetExecutablePath(path, &size) == 0) return fs::canonical(path, error);
  return {};
#else
  return fs::read_symlink("/proc/self/exe", error);
#endif
}

bool is_below(const fs::path& file, const fs::path& directory) {
  const fs::path relative = file.lexically_relative(directory);
  return !relative.empty() && *relative.begin() != "..";
}

std::optional<fs::path> find_header(const std::vector<fs::path>& include_dirs, const char* name) {
  for (const fs::path& directory : include_dirs) {
    if (fs::path file = directory / name; fs::exists(file)) return file;
  }
  return std::nullopt;
}

}  // namespace

std::vector<fs::path> find_header_dirs() {
  const fs::path program = program_file();
  const fs::path include = (program.parent_path() / build_info::installed_include).lexically_normal();
  if (fs::exists(include / "katydid/katydid.hpp") && fs::exists(include / "katydid/base/task.hpp")) {
    return {include, include / "katydid"};
  }
  std::error_code error;
  const fs::path build_tree = fs::weakly_canonical(fs::path(build_info::build_tree[1]).parent_path(), error);
  if (is_below(program, build_tree)) return {std::begin(build_info::build_tree), std::end(build_info::build_tree)};
  throw LocustfileError("katydid's headers are missing: " + program.string() + " expects them in " +
                        (include / "katydid").string() + "; install katydid again, together with its headers");
}

void check_headers(const std::vector<fs::path>& include_dirs) {
  Digest digest;
  fs::path directory;
  for (const char* name : build_info::headers) {
    const auto file = find_header(include_dirs, name);
    if (file && directory.empty()) directory = file->parent_path().parent_path();
    const auto content = file ? digest_of_file(*file) : std::nullopt;
    digest.add_bytes(content.value_or("missing")).add_bytes(" ").add_bytes(name).add_bytes("\n");
  }
  if (digest.hex() == build_info::header_hash) return;
  throw LocustfileError("katydid's headers in " + directory.string() +
                        " do not match this katydid; build or install both again");
}

}  // namespace katydid
