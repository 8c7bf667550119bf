#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace katydid {

class CompileCache;

/// A C++ compiler that can compile a locustfile.
struct Compiler {
  std::vector<std::string> command{};  ///< {"ccache", "g++"}
  bool is_clang = false;
  std::string description{};  ///< "g++ 12.2.0, /usr/bin/g++"
  std::string fingerprint{};  ///< changes when another compiler is installed in its place
};

/// The compiler that `command` names, or when it is empty the one that katydid was built with or the first one in PATH
/// that is new enough. Throws LocustfileError, naming the package to install. What it finds out is noted in the cache.
Compiler find_compiler(const std::string& command, const CompileCache& cache);

/// Where PATH has the program; empty when it doesn't.
std::filesystem::path find_in_path(const std::string& program);

}  // namespace katydid
