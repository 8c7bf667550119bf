# cmake --install: the program, the libraries, their public headers, and a package for find_package(katydid).
if(NOT TARGET katydid_worker OR NOT PROJECT_IS_TOP_LEVEL)
  return()
endif()
include(CMakePackageConfigHelpers)
set(KATYDID_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/katydid)

install(TARGETS katydid RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS ${KATYDID_LIBRARIES} EXPORT katydid
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})

# For <katydid/katydid.hpp>; all libraries have it from base.
target_include_directories(katydid_base INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
# What katydid_protocol has from the build tree's targets, the package makes for itself: see katydid-config.cmake.in.
target_link_libraries(katydid_protocol INTERFACE $<INSTALL_INTERFACE:katydid::asio> $<INSTALL_INTERFACE:PkgConfig::ZeroMQ>)
get_target_property(KATYDID_ASIO_DEFINITIONS katydid_asio INTERFACE_COMPILE_DEFINITIONS)

katydid_install_headers(${CMAKE_INSTALL_INCLUDEDIR})

install(EXPORT katydid NAMESPACE katydid:: FILE katydid-targets.cmake DESTINATION ${KATYDID_PACKAGE_DIR})
configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/katydid-config.cmake.in ${PROJECT_BINARY_DIR}/katydid-config.cmake
  INSTALL_DESTINATION ${KATYDID_PACKAGE_DIR})
# Below 1.0 a new minor version may change the interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/katydid-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/katydid-config.cmake ${PROJECT_BINARY_DIR}/katydid-config-version.cmake
  DESTINATION ${KATYDID_PACKAGE_DIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
