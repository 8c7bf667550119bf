# For Linux on aarch64, by the cross compiler of Debian or Ubuntu. tools/cross makes the sysroot, with that machine's libraries.
#   cmake --preset release -DCMAKE_TOOLCHAIN_FILE=cmake/toolchains/aarch64-linux-gnu.cmake -DKATYDID_SYSROOT=...
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++) # what the compiler of that machine is called as well: locustfiles ask for it
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)

# What CMake tries a compiler with reads this file, too.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES KATYDID_SYSROOT)
if(NOT IS_DIRECTORY "${KATYDID_SYSROOT}")
  message(FATAL_ERROR "KATYDID_SYSROOT has to name a folder with the libraries of the other machine; tools/cross makes one.")
endif()
set(CMAKE_SYSROOT ${KATYDID_SYSROOT})

# Programs are those of this machine; all else is the other's.
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_LIBDIR} ${KATYDID_SYSROOT}/usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/pkgconfig:${KATYDID_SYSROOT}/usr/share/pkgconfig)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${KATYDID_SYSROOT})

# The worker prints its manual page and what shells complete.
find_program(KATYDID_QEMU NAMES qemu-aarch64-static qemu-aarch64)
if(KATYDID_QEMU)
  set(CMAKE_CROSSCOMPILING_EMULATOR ${KATYDID_QEMU} -L ${KATYDID_SYSROOT})
endif()

set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE arm64)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS # packages say one or the other, which are the same
  ${KATYDID_SYSROOT}/lib/${CMAKE_LIBRARY_ARCHITECTURE} ${KATYDID_SYSROOT}/usr/lib/${CMAKE_LIBRARY_ARCHITECTURE})
set(CPACK_RPM_PACKAGE_ARCHITECTURE aarch64)
