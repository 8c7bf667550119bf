# What katydid has to know of its own build to compile locustfiles: its headers, their hash, its compiler. Generates
#   <build>/include/katydid/katydid.hpp          so that the build tree can be included from as an installation
#   <build>/include/katydid/grpc.hpp
#   <build>/include/katydid/program.hpp
#   <build>/include/katydid/base/version.hpp   katydid::version
#   <build>/generated/worker/locustfile/build_info.hpp      compiler, directories, names of the public headers
#   <build>/generated/worker/locustfile/header_hash.hpp     when the headers change
# and katydid_locustfile_settings(TARGET), which makes them known to a target.

# The roots, and what they include: these are installed.
set(KATYDID_PUBLIC_ROOTS
  worker/katydid.hpp worker/user/grpc_user.hpp worker/locustfile/abi.hpp worker/command/program.hpp
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
# One that was built elsewhere looks for the compiler of its own machine.
if(NOT KATYDID_LOCUSTFILE_COMPILER)
  set(KATYDID_LOCUSTFILE_COMPILER ${CMAKE_CXX_COMPILER})
endif()
file(RELATIVE_PATH KATYDID_INSTALLED_INCLUDE ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_INCLUDEDIR})
# A package must not look for headers at a path of the machine that made it, nor differ with it.
option(KATYDID_KNOWS_BUILD_TREE "The program finds its headers in the build tree, too" ON)
set(KATYDID_BUILD_TREE "\"\", \"\", \"\"")
if(KATYDID_KNOWS_BUILD_TREE)
  set(KATYDID_BUILD_TREE "\"${PROJECT_SOURCE_DIR}\", \"${PROJECT_BINARY_DIR}/include\",
                                             \"${PROJECT_BINARY_DIR}/include/katydid\"")
endif()
list(TRANSFORM KATYDID_PUBLIC_HEADERS REPLACE "(.+)" "\"\\1\"" OUTPUT_VARIABLE names)
string(REPLACE ";" ",\n                                          " KATYDID_HEADER_NAMES "${names}")

configure_file(${PROJECT_SOURCE_DIR}/base/version.hpp.in ${PROJECT_BINARY_DIR}/include/katydid/base/version.hpp @ONLY)
configure_file(${PROJECT_SOURCE_DIR}/worker/locustfile/build_info.hpp.in ${PROJECT_BINARY_DIR}/generated/worker/locustfile/build_info.hpp @ONLY)

# What programs include by a name that stays, wherever the header itself lives: NAME=HEADER.
set(KATYDID_ENTRY_HEADERS)
foreach(entry katydid.hpp=worker/katydid.hpp grpc.hpp=worker/user/grpc_user.hpp program.hpp=worker/command/program.hpp
              worker/program.hpp=worker/command/program.hpp)
  string(REGEX MATCH "^(.*)=(.*)$" entry ${entry})
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/include/katydid/${CMAKE_MATCH_1}
    CONTENT "#pragma once\n\n#include \"${CMAKE_MATCH_2}\"\n")
  list(APPEND KATYDID_ENTRY_HEADERS ${CMAKE_MATCH_1})
endforeach()
list(APPEND KATYDID_ENTRY_HEADERS base/version.hpp)

# katydid_install_headers(DESTINATION [COMPONENT name]): the public headers as <DESTINATION/katydid/...>.
function(katydid_install_headers destination)
  foreach(header IN LISTS KATYDID_PUBLIC_HEADERS)
    get_filename_component(folder ${header} DIRECTORY)
    install(FILES ${PROJECT_SOURCE_DIR}/${header} DESTINATION ${destination}/katydid/${folder} ${ARGN})
  endforeach()
  foreach(header IN LISTS KATYDID_ENTRY_HEADERS)
    get_filename_component(folder katydid/${header} DIRECTORY)
    install(FILES ${PROJECT_BINARY_DIR}/include/katydid/${header} DESTINATION ${destination}/${folder} ${ARGN})
  endforeach()
endfunction()

list(TRANSFORM KATYDID_PUBLIC_HEADERS PREPEND ${PROJECT_SOURCE_DIR}/ OUTPUT_VARIABLE header_files)
add_custom_command(
  OUTPUT ${PROJECT_BINARY_DIR}/generated/worker/locustfile/header_hash.hpp
  COMMAND ${CMAKE_COMMAND} "-DHEADERS=${KATYDID_PUBLIC_HEADERS}" -DSOURCE_DIR=${PROJECT_SOURCE_DIR}
          -DOUTPUT=${PROJECT_BINARY_DIR}/generated/worker/locustfile/header_hash.hpp -P ${PROJECT_SOURCE_DIR}/cmake/hash_headers.cmake
  DEPENDS ${header_files} ${PROJECT_SOURCE_DIR}/cmake/hash_headers.cmake
  COMMENT "Hashing the public headers"
  VERBATIM)
add_custom_target(katydid_header_hash DEPENDS ${PROJECT_BINARY_DIR}/generated/worker/locustfile/header_hash.hpp)

function(katydid_locustfile_settings target)
  add_dependencies(${target} katydid_header_hash)
  target_include_directories(${target}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include> $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include/katydid>
    PRIVATE ${PROJECT_BINARY_DIR}/generated)
endfunction()
