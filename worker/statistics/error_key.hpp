#pragma once

#include <string>
#include <string_view>

namespace katydid {

/// What a master tells errors apart by, as Locust's StatsError.create_key makes it: SHA-256 of
/// `{method}.{name}.{error!r}`. With the same key, the failures of Katydid and of Python workers are one line.
std::string error_key(std::string_view method, std::string_view name, std::string_view error);

}  // namespace katydid
