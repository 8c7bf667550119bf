#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

/// A .proto file, by the folder that imports are relative to and its name below that.
struct ProtoFile {
  std::filesystem::path root;
  std::string name;  ///< "helloworld.proto", "lib/common.proto"

  std::filesystem::path path() const { return (root / name).lexically_normal(); }
  bool operator==(const ProtoFile&) const = default;
};

/// What a locustfile is made of, besides what compiler and katydid have.
struct IncludedFiles {
  std::set<std::filesystem::path> sources{};  ///< with the locustfile
  std::vector<ProtoFile> protos{};            ///< with those that they import; each once
  std::string wants_protos{};                 ///< the first header that is made of one: "helloworld.pb.h"
};

/// Follows `#include "…"`, from the folder of the file that has it, and of .proto files `import "…"`. "x.pb.h" and
/// "x.grpc.pb.h" that are not there stand for x.proto, which may be in one of `more_roots` as well. Throws
/// LocustfileError for more files than a locustfile has.
void follow_includes(const std::filesystem::path& file, const std::vector<std::filesystem::path>& more_roots,
                     IncludedFiles& found);

/// Takes the next line, without its end (LF, CRLF or CR, as Python reads a file's lines).
std::string_view take_line(std::string_view& text);

}  // namespace katydid
