# cpack: packages for Debian and for systems with rpm, and an archive, of the program, its headers and what belongs to them. tools/package runs it.
set(KATYDID_MAINTAINER "The Katydid authors <authors@katydid.invalid>" CACHE STRING "Who answers for a package")
set(CPACK_PACKAGE_NAME katydid)
set(CPACK_PACKAGE_VENDOR Katydid)
set(CPACK_PACKAGE_CONTACT ${KATYDID_MAINTAINER})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "worker for Locust, the load testing tool, in C++")
set(CPACK_PACKAGE_DESCRIPTION
  "Katydid runs the users of a load test, written in C++, for an unmodified
Locust master, or by itself. A request costs a fraction of what it costs a
worker in Python.
.
Locustfiles are compiled when they are run, by the compiler of the machine.")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL program package)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_ARCHIVE_COMPONENT_INSTALL ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_PACKAGE_FILE_NAME katydid-${PROJECT_VERSION}-${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR})

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "g++ | clang")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_COMPONENT_INSTALL ON)
set(CPACK_RPM_PACKAGE_LICENSE MIT)
set(CPACK_RPM_PACKAGE_SUGGESTS gcc-c++)
# Folders that other packages have as well.
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION
  /usr/lib/systemd /usr/lib/systemd/system /usr/share/man /usr/share/man/man1
  /usr/share/bash-completion /usr/share/bash-completion/completions
  /usr/share/zsh /usr/share/zsh/vendor-completions /usr/share/fish /usr/share/fish/vendor_completions.d)
# The same bytes whenever and wherever it is built: SOURCE_DATE_EPOCH is the time of everything.
set(CPACK_RPM_SPEC_MORE_DEFINE
  "%global _buildhost localhost
%global use_source_date_epoch_as_buildtime 1
%global clamp_mtime_to_source_date_epoch 1")
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/package/set_times.cmake)

string(TIMESTAMP KATYDID_PACKAGE_DATE "%a, %d %b %Y %H:%M:%S +0000" UTC) # SOURCE_DATE_EPOCH sets it
configure_file(${CMAKE_CURRENT_LIST_DIR}/package/changelog.in ${KATYDID_TEXTS}/changelog @ONLY)
execute_process(COMMAND gzip -9nkf ${KATYDID_TEXTS}/changelog COMMAND_ERROR_IS_FATAL ANY)
install(FILES ${KATYDID_TEXTS}/changelog.gz DESTINATION share/doc/katydid COMPONENT package)
install(FILES LICENSE DESTINATION share/doc/katydid RENAME copyright COMPONENT package)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/package/katydid.service DESTINATION lib/systemd/system COMPONENT package)
include(CPack)
