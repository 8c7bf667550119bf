#include "worker/locustfile/shipped.hpp"

#include "base/digest.hpp"
#include "base/utf8.hpp"
#include "worker/locustfile/includes.hpp"
#include "worker/locustfile/locustfile.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

namespace katydid {
namespace {

namespace fs = std::filesystem;

// A file is a line `# katydid: 12 lines of users.cpp`, and then its lines, each behind `#|`.
constexpr std::string_view announcement = "# katydid: ";
constexpr std::string_view between = " lines of ";
constexpr std::string_view prefix = "#|";
constexpr std::size_t most_files = 1000;

std::string text_of(const fs::path& file) {
  auto text = read_file(file);
  if (!text) throw LocustfileError("'" + file.string() + "' can't be read");
  if (valid_utf8_prefix(*text) != text->size())
    throw LocustfileError("'" + file.string() + "' is no UTF-8, so a master can't hand it out");
  return std::move(*text);
}

fs::path common_folder(const std::set<fs::path>& files) {
  fs::path common = files.begin()->parent_path();
  for (const fs::path& file : files) {
    while (file.lexically_relative(common).string().starts_with("..")) common = common.parent_path();
  }
  return common;
}

bool is_safe(std::string_view name) {
  const fs::path path(name);
  if (name.empty() || name.size() > 500 || path.is_absolute() || name.find('\0') != name.npos) return false;
  return std::ranges::none_of(path, [](const fs::path& part) { return part == ".." || part == "." || part.empty(); });
}

[[noreturn]] void refuse(std::string_view name, const char* why) {
  throw LocustfileError("the master's locustfile holds '" + std::string(name) + "', " + why +
                        ". Print it again with katydid --master-locustfile");
}

}  // namespace

std::vector<ShippedFile> files_to_ship(const std::vector<fs::path>& locustfiles) {
  IncludedFiles included;
  for (const fs::path& file : locustfiles) follow_includes(file, {}, included);
  std::set<fs::path> found = std::move(included.sources);
  for (const ProtoFile& proto : included.protos) found.insert(proto.path());
  std::vector<ShippedFile> files;
  if (found.empty()) return files;
  const fs::path folder = common_folder(found);
  for (const fs::path& file : found) files.push_back({file.lexically_relative(folder).string(), text_of(file)});
  return files;
}

std::string shipped_as_comments(const std::vector<ShippedFile>& files) {
  std::string comments;
  for (const ShippedFile& file : files) {
    std::string lines;
    std::size_t count = 0;
    for (std::string_view rest = file.text; !rest.empty(); ++count)
      lines.append(prefix).append(take_line(rest)).append("\n");
    comments.append(announcement).append(std::to_string(count)).append(between).append(file.name).append("\n");
    comments.append(lines);
  }
  return comments;
}

std::vector<ShippedFile> files_shipped_in(std::string_view python) {
  std::vector<ShippedFile> files;
  while (!python.empty()) {
    std::string_view line = take_line(python);
    if (!line.starts_with(announcement)) continue;
    line.remove_prefix(announcement.size());
    std::size_t count = 0;
    const auto number = std::from_chars(line.data(), line.data() + line.size(), count);
    line.remove_prefix(static_cast<std::size_t>(number.ptr - line.data()));
    if (number.ec != std::errc() || !line.starts_with(between)) continue;  // words of somebody's own
    const std::string_view name = line.substr(between.size());
    if (!is_safe(name)) refuse(name, "a name that is no file of its own folder");
    if (files.size() == most_files) refuse(name, "and there are too many files");
    if (std::ranges::find(files, name, &ShippedFile::name) != files.end()) refuse(name, "twice");
    std::string text;
    for (; count > 0; --count) {
      const std::string_view next = take_line(python);
      if (!next.starts_with(prefix)) refuse(name, "but not all of its lines");
      text.append(next.substr(prefix.size())).append("\n");
    }
    files.push_back({std::string(name), std::move(text)});
  }
  return files;
}

}  // namespace katydid
