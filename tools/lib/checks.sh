# The kinds of checks that tools/test puts together; each records its result and none stops the others.

cpp_files() { git ls-files '*.cpp' '*.hpp'; }

check_format() {
  step "format"
  local tool
  if ! tool=$(clang_tool clang-format); then
    say "no clang-format here; tools/setup --tests installs it"
    return
  fi
  format_is_right() { cpp_files | xargs "$tool" --dry-run --Werror; }
  record_check "format" format_is_right
}

# check_units PRESET: the doctest programs, and what else ctest knows; built first.
check_units() {
  step "unit tests ($1)"
  [ -f "build/$1/build.ninja" ] || configure "$1"
  if ! build "$1"; then
    record "unit tests ($1)" 0 1
    return
  fi
  local log=build/ctest-$1.log total failed
  ctest --test-dir "build/$1" --output-on-failure --no-tests=error --parallel 2 2>&1 | tee "$log" || true
  # "100% tests passed, 0 tests failed out of 12"
  read -r failed total < <(sed -nE 's/.* ([0-9]+) tests failed out of ([0-9]+)/\1 \2/p' "$log") || true
  record "unit tests ($1)" $((${total:-0} - ${failed:-0})) "${failed:-1}"
}

# check_conformance AT_ONCE PYTEST_OPTIONS...
check_conformance() {
  step "conformance with a real master"
  check_pytest conformance "$(tests_environment)" --numprocesses "$@"
}

# check_faults AT_ONCE SECONDS SEED PYTEST_OPTIONS...: the fault lab. A seed of 0 is another one each time.
check_faults() {
  step "faults"
  local seed=()
  [ "$3" = 0 ] || seed=(--seed "$3")
  check_pytest_in tests/faults faults "$(tests_environment)" --numprocesses "$1" --seconds "$2" "${seed[@]}" "${@:4}"
}

# check_python AT_ONCE: the package's own tests, its types and its style.
check_python() {
  step "the Python package"
  local environment
  environment=$(python_environment)
  record_check "ruff" "$environment/bin/ruff" check .
  record_check "ruff format" "$environment/bin/ruff" format --check .
  record_check "mypy" "$environment/bin/mypy"
  export PYTHONPATH=$ROOT/build/release/python
  # gevent patches the process that these run in: no place for Trio, nor for pytest-xdist. So they run beside the others,
  # with ports of their own.
  local log="build/python on gevent.log"
  KATYDID_TEST_PORTS=15 "$environment/bin/python" -m pytest tests/python/differential >"$log" 2>&1 &
  local on_gevent=$!
  check_pytest_in tests/python python "$environment" --numprocesses "$1" --ignore tests/python/differential
  wait "$on_gevent" || true
  step "the Python package on gevent"
  cat "$log"
  record_pytest "python on gevent" "$log"
  unset PYTHONPATH
}

# The documentation site: built, and its links followed. The Helm chart: as it was rendered, and rendered anew where there
# is a helm.
check_site_and_chart() {
  step "the documentation site"
  tools/setup --docs
  check_pytest_in tests/site site "$(docs_environment)"
  step "the Helm chart"
  check_pytest_in tests/chart chart "$(docs_environment)"
}

check_browser() {
  step "the web interface in a browser"
  check_pytest browser "$ENVIRONMENTS/browser" --browser -m browser
}

# check_pytest LABEL ENVIRONMENT PYTEST_OPTIONS...
check_pytest() { check_pytest_in tests/conformance "$@"; }

# check_pytest_in FOLDER LABEL ENVIRONMENT PYTEST_OPTIONS...
check_pytest_in() {
  local folder=$1
  shift
  local log=build/$1.log
  "$2/bin/python" -m pytest "$folder" "${@:3}" 2>&1 | tee "$log" || true
  record_pytest "$1" "$log"
}

# record_pytest LABEL LOG: what a run of pytest says in its last line.
record_pytest() {
  local closing passed failed errors
  closing=$(tail -n 1 "$2")
  passed=$(count_in "$closing" passed)
  failed=$(count_in "$closing" failed)
  errors=$(count_in "$closing" 'errors?')
  # Without any count pytest itself broke down, or nothing matched.
  [ $((passed + failed + errors)) -gt 0 ] || failed=1
  record "$1" "$passed" $((failed + errors))
}

# count_in "3 failed, 40 passed in 12s" passed -> 40
count_in() {
  local count
  count=$(grep -oE "[0-9]+ $2\b" <<<"$1" | cut -d' ' -f1 | head -n 1) || true
  say "${count:-0}"
}

# show_coverage LOG: of each fuzzer in ctest's log, the edges of its program that it went through. The programs hold much
# that no input leads to: the figure is for comparing with the one of before. No log where nothing could be built.
show_coverage() {
  [ -f "$1" ] || return 0
  step "what the fuzzers went through"
  awk '/ Testing: / { name = $3 }
    /^INFO: Loaded .* counters\)/ { match($0, /[0-9]+ inline/); all = substr($0, RSTART, RLENGTH - 7) }
    /DONE +cov: / { printf "%-32s %6d of %6d edges %9d runs\n", name, $4, all, substr($1, 2) }' "$1"
}

# check_clang SECONDS SEED: a second compiler, and its unit tests with each fuzzer for so long from that seed.
check_clang() {
  step "clang build"
  local compiler
  compiler=$(clang_tool clang++) || die "no clang here; run tools/setup --tests"
  configure clang "-DCMAKE_CXX_COMPILER=$compiler" "-DKATYDID_FUZZ_SECONDS=$1" "-DKATYDID_FUZZ_SEED=$2"
  check_units clang
  show_coverage build/clang/Testing/Temporary/LastTest.log
  step "without Linux"
  record_check "without Linux" elsewhere "$compiler"
}

# begin_tidy CHECKS: clang-tidy with the checks of .clang-tidy and these, which may take some away. It takes what the tests
# that follow leave of the processors, as they wait for half of their time. end_tidy tells what came of it.
begin_tidy() {
  (
    renice -n 19 "$BASHPID" >/dev/null
    tidy "$1"
  ) >build/tidy.log 2>&1 &
  TIDY=$!
}

end_tidy() {
  step "clang-tidy"
  tidy_ended() {
    local code=0
    wait "$TIDY" || code=$?
    cat build/tidy.log
    return $code
  }
  record_check "clang-tidy" tidy_ended
}

# elsewhere COMPILER: whatever asks for Linux also compiles where the answer is no: with Asio in place of epoll and io_uring.
elsewhere() {
  local build=build/clang
  git grep -lz __linux__ -- 'base/*.cpp' 'net/*.cpp' 'http/*.cpp' 'protocol/*.cpp' 'worker/*.cpp' |
    xargs -0 --max-procs="$(nproc)" --max-args=1 "$1" -U__linux__ -fsyntax-only -std=c++20 -Wall -Wextra -Werror \
      -I. -I$build/include -I$build/include/katydid -I$build/generated \
      -DASIO_STANDALONE -DASIO_NO_DEPRECATED -DASIO_HAS_CO_AWAIT
}

tidy() {
  local tool
  tool=$(clang_tool clang-tidy) || die "no clang-tidy here; run tools/setup --tests"
  git ls-files -z 'base/*.cpp' 'net/*.cpp' 'http/*.cpp' 'protocol/*.cpp' 'worker/*.cpp' |
    xargs -0 "$(python_environment)/bin/python" tools/lib/tidy.py "$tool" build/clang "$1"
}
