# What katydid has to know of its own build to compile locustfiles: its headers, their hash, its compiler. Generates
#   <build>/include/katydid/katydid.hpp          so that the build tree can be included from as an installation
#   <build>/include/katydid/worker/version.hpp   katydid::version
#   <build>/generated/worker/build_info.hpp      compiler, directories, names of the public headers
#   <build>/generated/worker/header_hash.hpp     when the headers change
# and katydid_locustfile_settings(TARGET), which makes them known to a target.

# The roots, and what they include: these are installed.
set(KATYDID_PUBLIC_ROOTS
  worker/katydid.hpp worker/locustfile_abi.hpp worker/program.hpp
  protocol/codec.hpp protocol/dealer.hpp protocol/message.hpp)

function(katydid_collect_headers out)
  set(pending ${ARGN})
  set(found)
  while(pending)
    list(POP_FRONT pending header)
    if(header IN_LIST found OR NOT EXISTS ${PROJECT_SOURCE_DIR}/${header})
      continue()
    endif()
    list(APPEND found ${header})
    file(STRINGS ${PROJECT_SOURCE_DIR}/${header} lines REGEX "^#include \"")
    foreach(line IN LISTS lines)
      string(REGEX REPLACE "^#include \"([^\"]+)\".*" "\\1" included "${line}")
      list(APPEND pending ${included})
    endforeach()
  endwhile()
  list(SORT found)
  set(${out} ${found} PARENT_SCOPE)
endfunction()

katydid_collect_headers(KATYDID_PUBLIC_HEADERS ${KATYDID_PUBLIC_ROOTS})
include(GNUInstallDirs)

# A locustfile runs inside the program, so it is compiled with its sanitizers.
set(KATYDID_LOCUSTFILE_FLAGS)
if(KATYDID_SANITIZE)
  set(KATYDID_LOCUSTFILE_FLAGS "-fsanitize=${KATYDID_SANITIZE} -fno-omit-frame-pointer")
endif()
file(RELATIVE_PATH KATYDID_INSTALLED_INCLUDE ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_INCLUDEDIR})
list(TRANSFORM KATYDID_PUBLIC_HEADERS REPLACE "(.+)" "\"\\1\"" OUTPUT_VARIABLE names)
string(REPLACE ";" ",\n                                          " KATYDID_HEADER_NAMES "${names}")

configure_file(${PROJECT_SOURCE_DIR}/worker/version.hpp.in ${PROJECT_BINARY_DIR}/include/katydid/worker/version.hpp @ONLY)
configure_file(${PROJECT_SOURCE_DIR}/worker/build_info.hpp.in ${PROJECT_BINARY_DIR}/generated/worker/build_info.hpp @ONLY)
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/include/katydid/katydid.hpp CONTENT "#pragma once\n\n#include \"worker/katydid.hpp\"\n")

list(TRANSFORM KATYDID_PUBLIC_HEADERS PREPEND ${PROJECT_SOURCE_DIR}/ OUTPUT_VARIABLE header_files)
add_custom_command(
  OUTPUT ${PROJECT_BINARY_DIR}/generated/worker/header_hash.hpp
  COMMAND ${CMAKE_COMMAND} "-DHEADERS=${KATYDID_PUBLIC_HEADERS}" -DSOURCE_DIR=${PROJECT_SOURCE_DIR}
          -DOUTPUT=${PROJECT_BINARY_DIR}/generated/worker/header_hash.hpp -P ${PROJECT_SOURCE_DIR}/cmake/hash_headers.cmake
  DEPENDS ${header_files} ${PROJECT_SOURCE_DIR}/cmake/hash_headers.cmake
  COMMENT "Hashing the public headers"
  VERBATIM)
add_custom_target(katydid_header_hash DEPENDS ${PROJECT_BINARY_DIR}/generated/worker/header_hash.hpp)

function(katydid_locustfile_settings target)
  add_dependencies(${target} katydid_header_hash)
  target_include_directories(${target}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include> $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include/katydid>
    PRIVATE ${PROJECT_BINARY_DIR}/generated)
endfunction()
