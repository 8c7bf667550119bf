#pragma once

#include "worker/locustfile/compiler.hpp"
#include "worker/locustfile/includes.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace katydid {

class CompileCache;

/// What protoc has made of a locustfile's .proto files, compiled.
struct CompiledProtos {
  std::filesystem::path folder{};  ///< of the headers
  std::vector<std::filesystem::path> objects{};
  std::vector<std::string> compile_flags{}, link_flags{};  ///< of libprotobuf
  std::string errors{};                                    ///< what protoc or the compiler say against them
};

/// Out of the cache, where nothing of it has changed. The messages are those of protobuf's lite runtime, so that
/// several locustfiles may have the same ones. `common`: what else the result hangs on; `flags`: of the compiler.
/// Throws LocustfileError when protoc or libprotobuf are missing, and says which package has them.
CompiledProtos compile_protos(const IncludedFiles& included, const Compiler& compiler,
                              const std::vector<std::string>& flags, const std::string& common,
                              const CompileCache& cache);

}  // namespace katydid
