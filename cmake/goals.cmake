# --print-goals: deploy/goals.py becomes a text in a source file.
function(katydid_goals target)
  set(goals ${PROJECT_SOURCE_DIR}/deploy/goals.py)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${goals})
  file(READ ${goals} text)
  # The longest text that every compiler has to take.
  string(LENGTH "${text}" size)
  if(size GREATER 65000)
    message(FATAL_ERROR "deploy/goals.py is longer than a text in C++ may be")
  endif()
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/goals.cpp @ONLY CONTENT
"#include \"worker/command/goals.hpp\"

namespace katydid {

constinit const std::string_view goals_locustfile = R\"KATYDID(${text})KATYDID\";

}  // namespace katydid
")
  target_sources(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/goals.cpp)
endfunction()
