# For macOS, by zig: it has its headers, and knows what its system library exports. tools/cross-zig makes the sysroot, with
# the compiler's commands in bin/ and the other libraries in usr/.
#   cmake --preset release -DCMAKE_TOOLCHAIN_FILE=cmake/toolchains/zig.cmake -DKATYDID_SYSTEM=macos-arm64 -DKATYDID_SYSROOT=...
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES KATYDID_SYSROOT KATYDID_SYSTEM)
if(NOT EXISTS "${KATYDID_SYSROOT}/bin/c++")
  message(FATAL_ERROR "KATYDID_SYSROOT has to name a folder with a compiler and libraries for KATYDID_SYSTEM; tools/cross-zig makes one.")
endif()
set(CMAKE_SYSTEM_NAME Darwin)
string(REPLACE macos- "" CMAKE_SYSTEM_PROCESSOR ${KATYDID_SYSTEM})
find_program(CMAKE_INSTALL_NAME_TOOL NAMES llvm-install-name-tool-16 llvm-install-name-tool REQUIRED)

set(CMAKE_C_COMPILER ${KATYDID_SYSROOT}/bin/cc)
set(CMAKE_CXX_COMPILER ${KATYDID_SYSROOT}/bin/c++)
set(CMAKE_AR ${KATYDID_SYSROOT}/bin/ar CACHE FILEPATH "")
set(CMAKE_RANLIB ${KATYDID_SYSROOT}/bin/ranlib CACHE FILEPATH "")

set(KATYDID_LOCUSTFILE_COMPILER c++) # the system's own

# Programs are those of this machine; all else is the other's.
set(CMAKE_FIND_ROOT_PATH ${KATYDID_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(CMAKE_EXE_LINKER_FLAGS_INIT "-L${KATYDID_SYSROOT}/usr/lib") # for libraries that are tried by -l alone
# zig's own linker gives up on Katydid's objects ("Overflow"), and always links a C++ library of its own.
find_program(KATYDID_LINKER NAMES clang++-16 clang++ REQUIRED)
set(CMAKE_CXX_LINK_EXECUTABLE "${KATYDID_LINKER} --target=${CMAKE_SYSTEM_PROCESSOR}-apple-macos13.3 -fuse-ld=lld -rdynamic"
  "-o <TARGET> <OBJECTS> <LINK_FLAGS> <LINK_LIBRARIES>")
list(JOIN CMAKE_CXX_LINK_EXECUTABLE " " CMAKE_CXX_LINK_EXECUTABLE)
set(ENV{PKG_CONFIG_LIBDIR} ${KATYDID_SYSROOT}/usr/lib/pkgconfig:${KATYDID_SYSROOT}/usr/share/pkgconfig)
