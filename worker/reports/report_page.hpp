#pragma once

#include <string_view>

namespace katydid::reports {

/// page/report.html with its style and script, as CMake put them together: what is before the data of a run and what
/// is behind it.
extern const std::string_view report_page_head, report_page_tail;

}  // namespace katydid::reports
