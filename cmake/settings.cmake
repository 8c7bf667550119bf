# Compiler settings shared by every target; sanitizer flags come before any target is defined.
include(CheckCXXCompilerFlag)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

if(KATYDID_SANITIZE)
  add_compile_options(-fsanitize=${KATYDID_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${KATYDID_SANITIZE})
  if(KATYDID_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
  if(KATYDID_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-tsan) # that fences are unknown to it: Asio has some, but orders by atomics as well
  endif()
endif()

add_library(katydid_warnings INTERFACE)
target_compile_options(katydid_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Both fire inside coroutine frames that GCC 12 made itself.
  target_compile_options(katydid_warnings INTERFACE -Wno-maybe-uninitialized -Wno-missing-field-initializers)
  if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(katydid_warnings INTERFACE -Wno-restrict) # of `"text" + string`, wherever it inlines one
  endif()
else()
  target_compile_options(katydid_warnings INTERFACE -Wno-missing-field-initializers)
endif()
if(KATYDID_WERROR)
  target_compile_options(katydid_warnings INTERFACE -Werror)
endif()

# katydid_library(NAME SOURCES...) makes katydid_NAME, known as katydid::NAME, with the repository as include root.
function(katydid_library name)
  add_library(katydid_${name} STATIC ${ARGN})
  add_library(katydid::${name} ALIAS katydid_${name})
  set_target_properties(katydid_${name} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(katydid_${name} PUBLIC cxx_std_20)
  target_include_directories(katydid_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:include/katydid>)
  target_link_libraries(katydid_${name} PRIVATE $<BUILD_INTERFACE:katydid_warnings>)
endfunction()
