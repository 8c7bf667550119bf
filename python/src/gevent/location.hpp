#pragma once

#include "python/src/gevent/target.hpp"

#include <optional>
#include <string_view>

namespace katydid::python {

/// Where a Location leads from a URL. Nothing for what only the library can judge: all but absolute URLs, absolute
/// paths and paths below that of the URL, in characters that stay as they are, without fragments and dot segments.
std::optional<Target> target_of_location(const Target& from, std::string_view location, Quoting quoting);

}  // namespace katydid::python
