# Shared by the scripts in tools/. Source it; it moves to the root of the project and defines helpers.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
ROOT=$PWD
ENVIRONMENTS=$ROOT/.venv
PINS=$ROOT/tests/conformance
OWN_LIBCURL=$ROOT/build/libcurl # where tools/libcurl puts it
# Another clone of the same sources finds this one's objects in the cache.
export CCACHE_BASEDIR=$ROOT CCACHE_NOHASHDIR=1

# The one place that has it.
project_version() { sed -n 's/^project(katydid VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt; }

say() { printf '%s\n' "$*"; }
step() { printf '\n== %s\n' "$*"; }
die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# Prints the comment block at the head of the script: the usage text is written once.
usage() { sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$0"; }

have() { command -v "$1" >/dev/null 2>&1; }

# The tested Locust releases, newest first: one requirements file each.
locust_releases() {
  local file
  for file in "$PINS"/requirements-[0-9]*.txt; do
    file=${file##*/requirements-}
    say "${file%.txt}"
  done | sort -rV
}
newest_locust() { locust_releases | head -n 1; }
locust_environment() { say "$ENVIRONMENTS/locust-$1"; }
tests_environment() { say "$ENVIRONMENTS/tests"; }
python_environment() { say "$ENVIRONMENTS/python"; }
docs_environment() { say "$ENVIRONMENTS/docs"; }

# First of NAME-16, NAME-19 ... NAME that is installed; 16 is the version that the style was written with.
clang_tool() {
  local version
  for version in -16 -20 -19 -18 -17 -15 -14 ""; do
    if have "$1$version"; then
      say "$1$version"
      return
    fi
  done
  return 1
}

# Coroutines need GCC 12: where the default compiler is older, one that is installed beside it is taken.
choose_compiler() {
  [ -n "${CXX:-}" ] && return
  local candidate
  for candidate in g++ g++-14 g++-13 g++-12; do
    if have $candidate && [ "$($candidate -dumpversion | cut -d. -f1)" -ge 12 ]; then
      export CXX=$candidate
      return
    fi
  done
  die "no g++ of version 12 or newer; run tools/setup first"
}

# configure PRESET: ccache where it is installed, libcurl where tools/libcurl built it; quiet unless it fails.
configure() {
  local found=()
  have ccache && found+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  [ -d "$OWN_LIBCURL" ] && found+=("-DCMAKE_PREFIX_PATH=$OWN_LIBCURL")
  [ "$1" = clang ] || choose_compiler
  mkdir -p build
  if ! cmake --preset "$1" "${found[@]}" "${@:2}" >"build/configure-$1.log" 2>&1; then
    cat "build/configure-$1.log" >&2
    die "cmake could not configure the preset '$1'; is something missing that tools/setup installs?"
  fi
}

# build PRESET [TARGET...]
build() {
  local targets=()
  [ $# -gt 1 ] && targets=(--target "${@:2}")
  cmake --build --preset "$1" "${targets[@]}"
}
