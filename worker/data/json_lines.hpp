#pragma once

#include "worker/data/row_file.hpp"

#include <string_view>

namespace katydid {

/// One JSON value on each line; lines end with LF or CRLF, and those of nothing but spaces are no rows. What a line
/// holds is not looked at.
RowText json_line(std::string_view text, bool is_all);

}  // namespace katydid
