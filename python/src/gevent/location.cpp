#include "python/src/gevent/location.hpp"

#include <string>

namespace katydid::python {
namespace {

std::string_view without_query(std::string_view path) { return path.substr(0, path.find('?')); }

/// Neither urllib.parse nor geventhttpclient changes it when it is joined with another one.
bool is_plain_path(std::string_view path) {
  return path.starts_with('/') && path.find("/.") == path.npos && path.find("//") == path.npos &&
         path.find(';') == path.npos;
}

}  // namespace

std::optional<Target> target_of_location(const Target& from, std::string_view location, Quoting quoting) {
  const std::string_view base = from.url();
  const std::size_t path_at = base.size() - from.path().size();
  if (from.has_fragment() || location.empty() || location.find('#') != location.npos) return std::nullopt;
  std::string url;
  if (location.starts_with("http://") || location.starts_with("https://")) {
    url = location;
  } else if (location.starts_with('/')) {
    if (location.starts_with("//")) return std::nullopt;
    url.append(base.substr(0, path_at)).append(location);
  } else {
    const std::string_view path = without_query(from.path());
    const std::string_view first = location.substr(0, location.find('/'));
    if (!is_plain_path(path) || first.find_first_of(":?") != first.npos || first.starts_with('.')) return std::nullopt;
    url.append(base.substr(0, path_at)).append(path.substr(0, path.rfind('/') + 1)).append(location);
  }
  auto target = Target::of(url, quoting);
  if (!target || target->url() != url || !is_plain_path(without_query(target->path()))) return std::nullopt;
  return target;
}

}  // namespace katydid::python
