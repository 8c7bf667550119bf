#pragma once

#include <string_view>

namespace katydid {

/// deploy/goals.py, as CMake put it into a source file: what `--print-goals` prints.
extern const std::string_view goals_locustfile;

}  // namespace katydid
