# A sysroot for macOS: zig as a compiler for it, and the libraries that Katydid needs, built from this machine's
# distribution's sources. All of them are static: what is built needs nothing but the system.
ZIG_ROOT=$ROOT/build/zig
ZIG_SYSTEMS=(macos-arm64)
# In the order in which they need each other.
ZIG_SOURCES=(zlib brotli openssl libidn2 nghttp2 zeromq3 fmtlib spdlog curl)
# macOS has its own C++ library, which a locustfile and the program share. What it exports, from macOS 13.3 on, LLVM 14 lists.
ZIG_LIBCXX=llvm-toolchain-14
# These are headers only, the same on all systems.
ZIG_HEADERS=(libasio-dev libcli11-dev nlohmann-json3-dev cppzmq-dev libmsgpack-cxx-dev)
export ZIG_GLOBAL_CACHE_DIR=$ZIG_ROOT/cache

# choose_system NAME: sets what the compiler and the libraries call it.
choose_system() {
  case "$1" in
    macos-arm64) ZIG_TARGET=aarch64-macos.13.3 ZIG_HOST=aarch64-apple-darwin ZIG_OPENSSL=darwin64-arm64 ;;
    *) die "no such system: '$1' (${ZIG_SYSTEMS[*]})" ;;
  esac
  SYSTEM=$1
  CROSS=$ROOT/build/$SYSTEM
  SYSROOT=$CROSS/sysroot
  TOOLCHAIN=("-DCMAKE_TOOLCHAIN_FILE=$ROOT/cmake/toolchains/zig.cmake" "-DKATYDID_SYSTEM=$SYSTEM" "-DKATYDID_SYSROOT=$SYSROOT")
}

# list_sources: sets APT to options for lists of sources of our own, from the mirrors that this machine has.
list_sources() {
  local parts=$ZIG_ROOT/apt/parts
  rm -rf "$parts"
  mkdir -p "$parts" "$ZIG_ROOT/apt/lists/partial"
  find /etc/apt/sources.list.d -name '*.sources' -exec cp -t "$parts" {} +
  find "$parts" -name '*.sources' -exec sed -i 's/^Types:.*/Types: deb-src/' {} +
  find /etc/apt -name '*.list' -exec sed -n 's/^deb /deb-src /p' {} + >"$parts/own.list"
  APT=(-qq -o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$parts" -o "Dir::State::Lists=$ZIG_ROOT/apt/lists"
    -o APT::Sandbox::User=root)
  apt-get "${APT[@]}" update || die "apt-get update for sources failed; the lines above say why"
}

# fetch_source NAME: the newest version that the mirrors really have, with the distribution's patches, as sources/NAME.
fetch_source() {
  local folder=$ZIG_ROOT/sources/$1 version newest=''
  [ ! -d "$folder" ] || return 0
  rm -rf "$folder.part"
  mkdir -p "$folder.part"
  while read -r version; do
    newest=${newest:-$version}
    (cd "$folder.part" && apt-get "${APT[@]}" source "$1=$version" </dev/null) >"$folder.log" 2>&1 || continue
    [ "$version" = "$newest" ] || say "$1: the mirror has no sources of $newest, so it is $version"
    mv "$folder.part"/*/ "$folder"
    rm -r "$folder.part"
    say "$1 $version" >"$folder.version"
    return
  done < <(apt-cache "${APT[@]}" showsrc "$1" | sed -n 's/^Version: //p' | sort -rVu)
  die "the sources of $1 could not be had; $folder.log says why"
}

# fetch_exports: the lists of what Apple's C++ library exports, out of the sources of the compiler that it comes from.
fetch_exports() {
  local folder=$ZIG_ROOT/sources/$ZIG_LIBCXX
  [ ! -d "$folder" ] || return 0
  rm -rf "$folder.part"
  mkdir -p "$folder.part"
  (cd "$folder.part" && apt-get "${APT[@]}" --download-only source $ZIG_LIBCXX &&
    tar -xf ./*.orig.tar.xz --wildcards --strip-components=4 '*/libcxx/lib/abi/*-apple-darwin.*.abilist' && rm ./*.xz) >"$folder.log" 2>&1 ||
    die "the exports of Apple's C++ library could not be had; $folder.log says why"
  mv "$folder.part" "$folder"
}

# make_libcxx: what the linker reads in place of the libraries themselves. What is not in them, the program cannot refer to.
make_libcxx() {
  local machine=${SYSTEM#macos-}
  mkdir -p "$SYSROOT/usr/lib"
  cp "${ZIG%/zig}/lib/libc/darwin/libSystem.tbd" "$SYSROOT/usr/lib"
  {
    printf '%s\n' '--- !tapi-tbd' 'tbd-version: 4' "targets: [ $machine-macos ]" "install-name: '/usr/lib/libc++.1.dylib'" exports:
    printf '%s\n' "  - targets: [ $machine-macos ]" '    symbols:'
    sed -nE "s/.*'name': '([^']+)'.*/      - '\1'/p" "$ZIG_ROOT/sources/$ZIG_LIBCXX/$machine"-*.abilist | sort -u
    say ...
  } >"$SYSROOT/usr/lib/libc++.tbd"
}

# make_commands: the compiler and its tools under names that build systems know.
make_commands() {
  local command options
  # No path of this machine, and no lines for a debugger, which only this machine has.
  # zig's checks of undefined behaviour want a library of its own: what build systems try to link without -O would fail.
  local common="-target $ZIG_TARGET -g0 -ffile-prefix-map=$ROOT=. -fno-sanitize=undefined"
  # What only a later macOS has is an error: by Apple's headers, and by those of its C++ library, when zig's are asked.
  local apple=' -Werror=unguarded-availability-new -D_LIBCPP_HAS_VENDOR_AVAILABILITY_ANNOTATIONS=1 -Wno-macro-redefined'
  rm -rf "$SYSROOT"
  mkdir -p "$SYSROOT"/{bin,usr}
  for command in cc c++ ar ranlib; do
    options=''
    [[ $command != c* ]] || options=" $common$apple"
    printf '#!/bin/sh\nexec "%s" %s%s "$@"\n' "$ZIG" "$command" "$options" >"$SYSROOT/bin/$command"
    chmod +x "$SYSROOT/bin/$command"
  done
}

# copy_headers PACKAGE...: with what CMake and pkg-config know of them.
copy_headers() {
  dpkg -L "$@" | grep -E '^/usr/(include|share/cmake|share/pkgconfig)/' |
    tar -c --no-recursion --files-from - 2>/dev/null | tar -x -C "$SYSROOT"
}

# by_cmake NAME OPTION...
by_cmake() {
  cmake -G Ninja -S "$ZIG_ROOT/sources/$1" -B "$CROSS/libraries/$1" "${TOOLCHAIN[@]}" -DCMAKE_BUILD_TYPE=Release \
    "-DCMAKE_INSTALL_PREFIX=$SYSROOT/usr" -DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_POSITION_INDEPENDENT_CODE=ON \
    -DCMAKE_POLICY_DEFAULT_CMP0091=NEW -DBUILD_SHARED_LIBS=OFF -DBUILD_TESTING=OFF "${@:2}"
  cmake --build "$CROSS/libraries/$1" --parallel "$JOBS" --target install
}

# in_folder NAME: a build of its own beside the sources, with the compiler that configure scripts ask the environment for.
in_folder() {
  mkdir -p "$CROSS/libraries/$1"
  cd "$CROSS/libraries/$1"
  export CC=$SYSROOT/bin/cc AR=$SYSROOT/bin/ar RANLIB=$SYSROOT/bin/ranlib CFLAGS='-O2 -fPIC'
}

build_zlib() {
  in_folder zlib
  CFLAGS+=' -Dfdopen=fdopen' # which it takes for missing on a Mac, as it was before macOS
  "$ZIG_ROOT/sources/zlib/configure" --static --uname=BSD "--prefix=$SYSROOT/usr" # for its uname Darwin it wants Apple's libtool
  make "-j$JOBS" libz.a
  make install
}

build_brotli() {
  local archive
  by_cmake brotli -DBROTLI_DISABLE_TESTS=ON
  # It makes both kinds, under two names.
  rm -f "$SYSROOT"/usr/lib/libbrotli*.dylib "$SYSROOT"/usr/lib/libbrotli*.so*
  for archive in "$SYSROOT"/usr/lib/libbrotli*-static.a; do mv "$archive" "${archive/-static/}"; done
  sed -i 's/^Requires.private/Requires/' "$SYSROOT"/usr/lib/pkgconfig/libbrotli*.pc
}

build_openssl() {
  local options=(no-shared no-tests no-module --prefix=/usr --libdir=lib # no path of this machine
    --openssldir=/etc/ssl) # where macOS has its certificates, as cert.pem
  in_folder openssl
  export PATH=$SYSROOT/bin:$PATH CC=cc # it writes the compiler's name into the library
  # zig has no header of Apple's random numbers; getentropy() is asked instead.
  "$ZIG_ROOT/sources/openssl/Configure" "$ZIG_OPENSSL" "${options[@]}" -DOPENSSL_NO_APPLE_CRYPTO_RANDOM
  make "-j$JOBS" build_libs
  make install_dev "DESTDIR=$SYSROOT"
}

build_libidn2() {
  in_folder libidn2
  export gl_cv_func_strchrnul_works=no # macOS has it from 15.4 on
  "$ZIG_ROOT/sources/libidn2/configure" "--host=$ZIG_HOST" "--prefix=$SYSROOT/usr" --disable-shared --disable-doc --disable-nls \
    --disable-rpath --with-included-libunistring
  local folder
  for folder in gl unistring lib; do make "-j$JOBS" -C "$folder"; done
  make -C lib install
  make install-pkgconfigDATA
}

build_nghttp2() {
  by_cmake nghttp2 -DENABLE_LIB_ONLY=ON -DENABLE_STATIC_LIB=ON -DENABLE_SHARED_LIB=OFF -DENABLE_DOC=OFF
}

build_curl() {
  # Of frameworks it has one call, for IPv4 literals in networks of IPv6 alone; zig has no frameworks.
  sed -i '/define CURL_OSX_CALL_COPYPROXIES/d' "$ZIG_ROOT/sources/curl/lib/curl_setup.h"
  sed -i 's/STREQUAL "Darwin" AND NOT ENABLE_ARES/STREQUAL "none"/' "$ZIG_ROOT/sources/curl/CMakeLists.txt"
  by_cmake curl -DHAVE_BUILTIN_AVAILABLE=OFF -DBUILD_CURL_EXE=OFF -DCURL_USE_OPENSSL=ON -DUSE_NGHTTP2=ON -DCURL_ZLIB=ON -DCURL_BROTLI=ON -DCURL_USE_LIBPSL=OFF -DCURL_USE_LIBSSH2=OFF \
    -DCURL_USE_OPENLDAP=OFF -DCURL_DISABLE_LDAP=ON -DCURL_DISABLE_LDAPS=ON \
    -DCURL_CA_BUNDLE=/etc/ssl/cert.pem -DCURL_CA_PATH=none
}

build_zeromq3() {
  by_cmake zeromq3 -DBUILD_STATIC=ON -DBUILD_SHARED=OFF -DBUILD_TESTS=OFF -DENABLE_CURVE=OFF -DWITH_LIBSODIUM=OFF -DWITH_DOCS=OFF -DENABLE_CPACK=OFF \
    -DENABLE_PRECOMPILED=OFF -DPOLLER=kqueue -DZMQ_BUILD_FRAMEWORK=OFF
}

build_fmtlib() {
  by_cmake fmtlib -DFMT_DOC=OFF -DFMT_TEST=OFF
}

build_spdlog() {
  by_cmake spdlog -DSPDLOG_FMT_EXTERNAL=ON -DSPDLOG_BUILD_EXAMPLE=OFF
}

# make_zig_sysroot: a library is built again when it, how it is built or what came before it is another.
make_zig_sysroot() {
  local name stamp
  stamp=$(declare -f make_commands make_libcxx copy_headers by_cmake in_folder |
    cat - cmake/toolchains/zig.cmake tools/lib/requirements-zig.txt <(say "$ROOT" "$ZIG_TARGET") | sha256sum)
  if [ "$(cat "$CROSS/stamp" 2>/dev/null)" != "$stamp" ]; then
    rm -rf "$CROSS/libraries"
    mkdir -p "$CROSS/libraries"
    make_commands
    make_libcxx
    copy_headers "${ZIG_HEADERS[@]}"
    say "$stamp" >"$CROSS/stamp"
  fi
  for name in "${ZIG_SOURCES[@]}"; do
    stamp=$(declare -f "build_$name" | cat - "$ZIG_ROOT/sources/$name.version" <(say "$stamp") | sha256sum)
    [ "$(cat "$CROSS/libraries/$name.stamp" 2>/dev/null)" != "$stamp" ] || continue
    say "$(cat "$ZIG_ROOT/sources/$name.version")"
    rm -rf "$CROSS/libraries/$name"
    # Apart, and not in a condition: set -e does nothing there.
    (set -e && "build_$name") >"$CROSS/libraries/$name.log" 2>&1 &
    wait $! || die "$name could not be built for $SYSTEM; $CROSS/libraries/$name.log says why"
    say "$stamp" >"$CROSS/libraries/$name.stamp"
  done
}
