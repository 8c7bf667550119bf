#pragma once

#include <string>
#include <string_view>

namespace katydid {

/// A text as Python's repr() shows it, for what a master is to take for the same as a Python worker's. Exact but for
/// code points that Python calls unprintable and that no error text has (unassigned ones, say): those are kept, and so
/// are bytes that are not UTF-8.
std::string python_repr(std::string_view text);

}  // namespace katydid
