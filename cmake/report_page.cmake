# The page of --html: page/report.html with its style and its script becomes two texts in a source file.
function(katydid_report_page target)
  set(folder ${CMAKE_CURRENT_SOURCE_DIR}/reports/page)
  set(pieces ${folder}/report.html ${folder}/style.css ${folder}/charts.js ${folder}/tables.js)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${pieces})
  foreach(name report.html style.css charts.js tables.js)
    file(READ ${folder}/${name} ${name})
  endforeach()
  string(REPLACE "@STYLE@" "${style.css}" page "${report.html}")
  string(REPLACE "@SCRIPT@" "${charts.js}${tables.js}" page "${page}")
  string(FIND "${page}" "@DATA@" at)
  string(SUBSTRING "${page}" 0 ${at} head)
  math(EXPR at "${at} + 6")
  string(SUBSTRING "${page}" ${at} -1 tail)
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/report_page.cpp @ONLY CONTENT
"#include \"worker/reports/report_page.hpp\"

namespace katydid::reports {

constinit const std::string_view report_page_head = R\"KATYDID(${head})KATYDID\";
constinit const std::string_view report_page_tail = R\"KATYDID(${tail})KATYDID\";

}  // namespace katydid::reports
")
  target_sources(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/report_page.cpp)
endfunction()
