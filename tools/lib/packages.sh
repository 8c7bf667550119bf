# System packages by apt. An entry "a|b" means: the first of these that the distribution has; "a?": where it has one of
# that name (cppzmq is in libzmq3-dev on Ubuntu 22.04).
BUILD_PACKAGES=(
  g++ cmake ninja-build ccache pkg-config git
  libcurl4-openssl-dev libasio-dev libzmq3-dev "cppzmq-dev?" "libmsgpack-cxx-dev|libmsgpack-dev" libcli11-dev
  libspdlog-dev libfmt-dev nlohmann-json3-dev libssl-dev zlib1g-dev libbrotli-dev libidn2-dev libnghttp2-dev liburing-dev
  doctest-dev
  python3 python3-venv python3-dev openssl
)
CLANG_PACKAGES=(
  "clang-16|clang-19|clang-18|clang-15" "clang-tidy-16|clang-tidy-19|clang-tidy-18|clang-tidy-15"
  "clang-format-16|clang-format-19|clang-format-18|clang-format-15"
  "libclang-rt-16-dev|libclang-rt-19-dev|libclang-rt-18-dev|libclang-rt-15-dev" "llvm-16|llvm-19|llvm-18|llvm-15"
)
TEST_PACKAGES=(protobuf-compiler libprotobuf-dev apache2-bin tinyproxy "nginx-light|nginx" nghttp2-server nghttp2-proxy
  prometheus stunnel4 groff-base zsh fish lintian faketime iproute2)
LIBCURL_PACKAGES=(dpkg-dev ca-certificates libidn2-dev libnghttp2-dev libpsl-dev libzstd-dev)
CROSS_PACKAGES=(g++-aarch64-linux-gnu qemu-user-static dpkg-dev rpm rpm2cpio cpio)
ZIG_PACKAGES=(dpkg-dev make perl clang-16 lld-16 llvm-16)
BENCH_PACKAGES=("nginx-light|nginx" wrk nghttp2-client openssl)
BROWSER_PACKAGES=("chromium|chromium-browser" fonts-liberation)
HELM_VERSION=v3.19.0 # not a package of Debian's

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif have sudo; then
    sudo "$@"
  else
    die "packages are missing and this is neither root nor a machine with sudo; as root, run: $*"
  fi
}

# The first alternative that is installed, or else that apt can install; nothing where there need not be one.
pick_package() {
  local name
  local alternatives=()
  IFS='|' read -ra alternatives <<<"${1%\?}"
  for name in "${alternatives[@]}"; do
    is_installed "$name" && say "$name" && return
  done
  for name in "${alternatives[@]}"; do
    [ -n "$(apt-cache show --no-all-versions "$name" 2>/dev/null)" ] && say "$name" && return
  done
  [[ $1 == *\? ]] || die "this distribution has no package ${1//|/ or }; Debian 12 and Ubuntu 22.04 are the oldest that are known to work"
}

missing_packages() {
  local entry name
  for entry in "$@"; do
    name=$(pick_package "$entry") || return
    [ -z "$name" ] || is_installed "$name" || say "$name"
  done
}

install_packages() {
  have apt-get || {
    say "setup: no apt here. Install by hand, then run this again if a build fails: $*"
    return 0
  }
  local entry all_there=yes missing
  for entry in "$@"; do
    any_installed "$entry" || all_there=no
  done
  if [ $all_there = yes ]; then
    say "setup: the $# system packages are installed already"
    return
  fi
  say "setup: apt-get update"
  as_root apt-get update -qq || die "apt-get update failed; the lines above say why"
  missing=$(missing_packages "$@") || exit
  say "setup: apt-get install" $missing
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null ||
    die "apt-get install failed; the lines above say why"
}

any_installed() {
  local name
  for name in ${1//[|?]/ }; do
    is_installed "$name" && return
  done
  return 1
}
