#include "worker/locustfile/includes.hpp"

#include "base/digest.hpp"
#include "worker/locustfile/locustfile.hpp"

#include <algorithm>
#include <system_error>

namespace katydid {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t most_files = 1000;
constexpr std::string_view blanks = " \t";

void skip_blanks(std::string_view& line) { line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size())); }

bool skip(std::string_view& line, std::string_view word) {
  const bool there = line.starts_with(word);
  if (there) line.remove_prefix(word.size());
  skip_blanks(line);
  return there;
}

/// What stands in quotes, or "".
std::string_view quoted(std::string_view line) {
  if (!line.starts_with('"')) return {};
  line.remove_prefix(1);
  return line.substr(0, std::min(line.find('"'), line.size()));
}

/// "cart.hpp" of `#include "cart.hpp"`, or "".
std::string_view included_by(std::string_view line) {
  skip_blanks(line);
  return skip(line, "#") && skip(line, "include") ? quoted(line) : std::string_view();
}

/// "common.proto" of `import public "common.proto";`, or "".
std::string_view imported_by(std::string_view line) {
  skip_blanks(line);
  if (!skip(line, "import")) return {};
  if (!skip(line, "public")) skip(line, "weak");
  return quoted(line);
}

/// "x.proto" of "x.pb.h" and "x.grpc.pb.h", or "".
std::string proto_behind(std::string_view header) {
  for (const std::string_view end : {".grpc.pb.h", ".pb.h"}) {
    if (header.ends_with(end)) return std::string(header.substr(0, header.size() - end.size())) + ".proto";
  }
  return {};
}

bool is_file(const fs::path& file) {
  std::error_code error;
  return fs::is_regular_file(file, error);
}

std::string text_of(const fs::path& file) {
  auto text = read_file(file);
  if (!text) throw LocustfileError("'" + file.string() + "' can't be read");
  return std::move(*text);
}

class Search {
 public:
  Search(const std::vector<fs::path>& more_roots, IncludedFiles& found) : more_roots_(more_roots), found_(found) {}

  void follow(const fs::path& file) {
    if (!found_.sources.insert(file).second) return;
    check_count();
    const std::string text = text_of(file);
    for (std::string_view rest = text; !rest.empty();) {
      const auto name = included_by(take_line(rest));
      if (name.empty()) continue;
      const fs::path included = (file.parent_path() / name).lexically_normal();
      if (is_file(included)) {
        follow(included);
      } else if (const auto proto = proto_behind(name); !proto.empty()) {
        follow_proto(file.parent_path(), proto, name);
      }
    }
  }

 private:
  void follow_proto(const fs::path& folder, const std::string& name, std::string_view header) {
    std::vector<fs::path> roots{folder};
    roots.insert(roots.end(), more_roots_.begin(), more_roots_.end());
    const auto root = std::ranges::find_if(roots, [&](const fs::path& each) { return is_file(each / name); });
    if (root == roots.end()) return;
    if (name.find("..") != name.npos)
      throw LocustfileError("'" + std::string(header) +
                            "' can't be made: a .proto file is named from its root. Write " +
                            fs::path(header).filename().string() + ", and --cxxflags '-I" +
                            (*root / name).lexically_normal().parent_path().string() + "'");
    if (found_.wants_protos.empty()) found_.wants_protos = header;
    add({*root, name}, roots);
  }

  /// Those that are not found come with protoc.
  void add(const ProtoFile& proto, const std::vector<fs::path>& roots) {
    if (std::ranges::find(found_.protos, proto) != found_.protos.end()) return;
    found_.protos.push_back(proto);
    check_count();
    const std::string text = text_of(proto.path());
    for (std::string_view rest = text; !rest.empty();) {
      const std::string name(imported_by(take_line(rest)));
      if (name.empty()) continue;
      const auto in = [&](const fs::path& root) { return is_file(root / name); };
      if (in(proto.root)) {
        add({proto.root, name}, roots);
      } else if (const auto root = std::ranges::find_if(roots, in); root != roots.end()) {
        add({*root, name}, roots);
      }
    }
  }

  void check_count() const {
    if (found_.sources.size() + found_.protos.size() > most_files)
      throw LocustfileError("the locustfiles include more than " + std::to_string(most_files) + " files");
  }

  const std::vector<fs::path>& more_roots_;
  IncludedFiles& found_;
};

}  // namespace

std::string_view take_line(std::string_view& text) {
  const auto end = std::min(text.find_first_of("\r\n"), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end);
  if (text.starts_with("\r\n")) text.remove_prefix(1);
  if (!text.empty()) text.remove_prefix(1);
  return line;
}

void follow_includes(const fs::path& file, const std::vector<fs::path>& more_roots, IncludedFiles& found) {
  Search(more_roots, found).follow(file);
}

}  // namespace katydid
