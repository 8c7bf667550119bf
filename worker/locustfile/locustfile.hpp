#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace katydid {

/// What is wrong with a locustfile, its compiler or its cache, and what to do; the program ends with exit code 1.
class LocustfileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct CompileOptions {
  std::string compiler{};                             ///< a command; empty: what katydid was built with, or one in PATH
  std::vector<std::string> flags{};                   ///< after katydid's own
  bool debug = false;                                 ///< for a debugger: not optimised
  std::filesystem::path cache_dir{};                  ///< empty: the user's cache directory
  std::vector<std::filesystem::path> include_dirs{};  ///< of katydid's headers; empty: found by itself
};

/// By its extension.
bool is_cpp_source(const std::filesystem::path& file);

// All of these throw LocustfileError.

/// The files that -f names, absolute: C++ sources, shared objects, and all C++ sources below a directory.
std::vector<std::filesystem::path> find_locustfiles(const std::vector<std::string>& names);

/// One shared object for each file, in the same order, out of the cache where nothing that it was made from has
/// changed; shared objects are handed through. Files are compiled at the same time and each by itself, as Python's are
/// modules of their own: classes of the same name in two files never get mixed up. Prints what the compiler has to say.
std::vector<std::filesystem::path> compile_locustfiles(const std::vector<std::filesystem::path>& files,
                                                       const CompileOptions& options);

/// Loads a shared object, which registers the user classes in it. It stays loaded. `source` is named in messages. An
/// exception of an initializer in it can only end the program: with its text on stderr and exit code 1.
void load_locustfile(const std::filesystem::path& shared_object, const std::filesystem::path& source);

/// `katydid -f NAMES`: finds, compiles and loads.
void load_locustfiles(const std::vector<std::string>& names, const CompileOptions& options);

/// `--compile-to OUTPUT`: compiles the one locustfile that `names` are, for `-f OUTPUT` on another machine.
void save_locustfile(const std::vector<std::string>& names, const CompileOptions& options,
                     const std::filesystem::path& output);

}  // namespace katydid
