# What a program for macOS is, as far as its file tells. Source zig.sh before it.

# check_program FILE: also that this machine's own program does not pass, so that a check that sees nothing is noticed.
check_program() {
  check_tools
  inspect_program "$1"
  ! (inspect_program "$(command -v bash)") >/dev/null 2>&1 || die "the inspection lets this machine's bash pass for $SYSTEM"
  say "what $SYSTEM is not, the inspection refuses"
}

check_tools() {
  OBJDUMP=$(clang_tool llvm-objdump) && NM=$(clang_tool llvm-nm) || die "LLVM's tools are missing; tools/setup installs them"
}

# expect WHAT WANTED GOT
expect() {
  [ "$2" = "$3" ] || die "$1: expected '$2', and it is '$3'"
  say "$1: $3"
}

# inspect_program FILE
inspect_program() {
  local folder=$CROSS/inspected
  mkdir -p "$folder"
  inspect_macho "$1" "$folder"
  inspect_symbols "$folder"
  ! grep -qF "$ROOT" "$1" || die "the program has a path of this machine in it"
  say "no path of this machine is in it"
}

inspect_macho() {
  $OBJDUMP --macho --private-headers "$1" >"$2/headers"
  expect "machine and kind" "MH_MAGIC_64 ARM64 EXECUTE" "$(sed -nE 's/^ *(MH_MAGIC_64) +(\S+) +\S+ +\S+ +(\S+) .*/\1 \2 \3/p' "$2/headers")"
  expect "system" "macos from ${ZIG_TARGET##*macos.}" "$(
    awk '/LC_BUILD_VERSION/ {here = 1} here && $1 == "platform" {platform = $2} here && $1 == "minos" {print platform " from " $2; exit}' "$2/headers"
  )"
  expect "libraries that it loads" "/usr/lib/libSystem.B.dylib /usr/lib/libc++.1.dylib" "$($OBJDUMP --macho --dylibs-used "$1" | sed -nE 's/^\s+(\S+) \(compat.*/\1/p' | sort | xargs)"
  # Without a signature, arm64 kills it, and the linker makes one of the kind "ad hoc".
  expect signature LC_CODE_SIGNATURE "$(grep -o 'LC_CODE_SIGNATURE$' "$2/headers")"
  $NM --undefined-only --just-symbol-name "$1" | sed 's/^_//' | sort -u >"$2/imports"
  $OBJDUMP --macho --exports-trie "$1" | sed -nE 's/^0x\S+ +_(\S+).*/\1/p' | sort -u >"$2/exports"
  $NM --defined-only --just-symbol-name "$1" | sed 's/^_//' | sort -u >"$2/defined"
}

# inspect_symbols FOLDER: whose event loop it has, and that a locustfile finds what it refers to.
inspect_symbols() {
  local name
  for name in kqueue kevent; do grep -qx $name "$1/imports" || die "the program does not call $name()"; done
  ! grep -E '^(epoll_|io_uring|eventfd|timerfd)' "$1/imports" || die "the program calls what only Linux has; the lines above name it"
  for name in 4asio6detail14kqueue_reactor 3zmq8kqueue_t 7katydid17make_asio_reactor; do
    grep -q "^_ZN$name" "$1/defined" || die "the program has no ${name//[0-9]/ }"
  done
  ! grep -E '^_ZN(4asio6detail13epoll_reactor|3zmq7epoll_t|7katydid12EpollReactor|7katydid12UringReactor)' "$1/defined" ||
    die "the program has an event loop of Linux's; the lines above name it"
  say "event loop: kqueue, of Asio and of ZeroMQ; nothing of epoll or io_uring"
  name=$(grep -c '^_ZNK\?7katydid' "$1/exports" || true)
  [ "$name" -ge 1000 ] || die "the program exports $name functions of Katydid's: locustfiles would not find them"
  say "exported for locustfiles: $name functions"
}
