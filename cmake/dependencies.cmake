# Every dependency is a package of the system; header-only ones without a CMake package are found by their header.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(CLI11 REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
pkg_check_modules(ZeroMQ REQUIRED IMPORTED_TARGET libzmq)
pkg_check_modules(NGHTTP2 IMPORTED_TARGET libnghttp2>=1.41)
if(NOT NGHTTP2_FOUND)
  message(FATAL_ERROR "HTTP/2 is by libnghttp2 1.41 or later, and pkg-config finds none: install libnghttp2-dev "
    "(tools/setup does), or name its folder in PKG_CONFIG_PATH.")
endif()
pkg_check_modules(Brotli IMPORTED_TARGET libbrotlidec) # without it, Content-Encoding "br" is not known to FastHttpUser
pkg_check_modules(IDN2 IMPORTED_TARGET libidn2) # without it, hosts have names in ASCII

# Before 2.3 it knows no receive that serves for many answers (Debian 12 has 2.3); without it the event loop is epoll.
pkg_check_modules(URING IMPORTED_TARGET liburing>=2.3)

# It comes with GCC; without it, exceptions and crashes are told without their lines.
include(CheckCXXSourceCompiles)
set(CMAKE_REQUIRED_LIBRARIES backtrace)
check_cxx_source_compiles(
  "#include <backtrace.h>\nint main() { return backtrace_create_state(nullptr, 1, nullptr, nullptr) == nullptr; }"
  KATYDID_HAS_BACKTRACE)
unset(CMAKE_REQUIRED_LIBRARIES)

find_path(KATYDID_ASIO_INCLUDE asio.hpp REQUIRED)
find_path(KATYDID_MSGPACK_INCLUDE msgpack.hpp REQUIRED)
find_path(KATYDID_CPPZMQ_INCLUDE zmq.hpp REQUIRED)

add_library(katydid_asio INTERFACE)
target_include_directories(katydid_asio SYSTEM INTERFACE ${KATYDID_ASIO_INCLUDE})
# Asio 1.22 decides between aligned_alloc and operator new by whether a standard header came before it, so two files of
# one program can disagree and free what the other allocated. The last definition settles it.
target_compile_definitions(katydid_asio INTERFACE ASIO_STANDALONE ASIO_NO_DEPRECATED ASIO_DISABLE_STD_ALIGNED_ALLOC)
# It looks for clang's coroutines where they were before C++20.
target_compile_definitions(katydid_asio INTERFACE $<$<CXX_COMPILER_ID:Clang,AppleClang>:ASIO_HAS_CO_AWAIT>)
file(STRINGS ${KATYDID_ASIO_INCLUDE}/asio/version.hpp KATYDID_ASIO_VERSION REGEX "define ASIO_VERSION [0-9]+")
string(REGEX MATCH "[0-9]+" KATYDID_ASIO_VERSION "${KATYDID_ASIO_VERSION}")
if(KATYDID_ASIO_VERSION LESS 102000) # Ubuntu 22.04: uses std::exchange without the header that has it
  target_compile_options(katydid_asio INTERFACE "SHELL:-include utility")
endif()
target_link_libraries(katydid_asio INTERFACE Threads::Threads)

add_library(katydid_msgpack INTERFACE)
target_include_directories(katydid_msgpack SYSTEM INTERFACE ${KATYDID_MSGPACK_INCLUDE})
target_compile_definitions(katydid_msgpack INTERFACE MSGPACK_NO_BOOST)

add_library(katydid_zeromq INTERFACE)
target_include_directories(katydid_zeromq SYSTEM INTERFACE ${KATYDID_CPPZMQ_INCLUDE})
target_link_libraries(katydid_zeromq INTERFACE PkgConfig::ZeroMQ)

if(KATYDID_TESTS)
  find_package(doctest REQUIRED)
endif()
