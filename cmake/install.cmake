# cmake --install: the program, the libraries, their public headers, and a package for find_package(katydid).
if(NOT TARGET katydid_worker OR NOT PROJECT_IS_TOP_LEVEL)
  return()
endif()
include(CMakePackageConfigHelpers)
set(KATYDID_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/katydid)

install(TARGETS katydid RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
install(TARGETS ${KATYDID_LIBRARIES} EXPORT katydid
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)

# For <katydid/katydid.hpp>; all libraries have it from base.
target_include_directories(katydid_base INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
# What katydid_protocol has from the build tree's targets, the package makes for itself: see katydid-config.cmake.in.
target_link_libraries(katydid_protocol INTERFACE $<INSTALL_INTERFACE:katydid::asio> $<INSTALL_INTERFACE:PkgConfig::ZeroMQ>)
get_target_property(KATYDID_ASIO_DEFINITIONS katydid_asio INTERFACE_COMPILE_DEFINITIONS)

katydid_install_headers(${CMAKE_INSTALL_INCLUDEDIR} COMPONENT program) # a locustfile is compiled with them

# For masters, which need not have Katydid.
install(FILES deploy/goals.py DESTINATION ${CMAKE_INSTALL_DATADIR}/katydid COMPONENT program)

install(EXPORT katydid NAMESPACE katydid:: FILE katydid-targets.cmake DESTINATION ${KATYDID_PACKAGE_DIR}
  COMPONENT development)
configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/katydid-config.cmake.in ${PROJECT_BINARY_DIR}/katydid-config.cmake
  INSTALL_DESTINATION ${KATYDID_PACKAGE_DIR})
# Below 1.0 a new minor version may change the interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/katydid-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/katydid-config.cmake ${PROJECT_BINARY_DIR}/katydid-config-version.cmake
  DESTINATION ${KATYDID_PACKAGE_DIR} COMPONENT development)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT development)

# What the program says of itself. One that was built for another machine can be asked where there is an emulator of it.
set(KATYDID_TEXTS ${PROJECT_BINARY_DIR}/texts)
file(MAKE_DIRECTORY ${KATYDID_TEXTS})
if((NOT CMAKE_CROSSCOMPILING OR CMAKE_CROSSCOMPILING_EMULATOR) AND NOT KATYDID_SANITIZE)
  add_custom_command(
    OUTPUT ${KATYDID_TEXTS}/katydid.1.gz
    COMMAND katydid --man-page > ${KATYDID_TEXTS}/katydid.1
    COMMAND katydid --completion bash > ${KATYDID_TEXTS}/katydid
    COMMAND katydid --completion zsh > ${KATYDID_TEXTS}/_katydid
    COMMAND katydid --completion fish > ${KATYDID_TEXTS}/katydid.fish
    COMMAND gzip -9nkf ${KATYDID_TEXTS}/katydid.1
    DEPENDS katydid VERBATIM)
  add_custom_target(katydid_texts ALL DEPENDS ${KATYDID_TEXTS}/katydid.1.gz)
  # Optional, for who builds the program alone.
  foreach(text katydid.1.gz=${CMAKE_INSTALL_MANDIR}/man1 katydid=${CMAKE_INSTALL_DATADIR}/bash-completion/completions
               _katydid=${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions
               katydid.fish=${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
    string(REGEX MATCH "^(.*)=(.*)$" text ${text})
    install(FILES ${KATYDID_TEXTS}/${CMAKE_MATCH_1} DESTINATION ${CMAKE_MATCH_2} COMPONENT program OPTIONAL)
  endforeach()
endif()
if(CMAKE_SYSTEM_NAME STREQUAL Linux)
  include(cmake/package.cmake)
endif()
