# The Python extension under sanitizers, in an interpreter that is not built with them.

# preloads COMPILER: what has to be in the interpreter before anything else: its allocator, and the C++ library whose
# exceptions it follows.
preloads() {
  say "$("$1" -print-file-name=libasan.so) $("$1" -print-file-name=libstdc++.so.6)"
}

# check_python_asan: users that are cancelled, requests that are awaited, redirects and what else the native module does.
# CPython keeps memory until its end, so that leaks are for the tests' own counters to see.
check_python_asan() {
  step "the Python package (asan)"
  check_sanitized asan "python (asan)" detect_leaks=0 tests/python/test_native.py tests/python/test_awaiting.py \
    tests/python/test_cancellation.py tests/python/test_httpx.py
  # A switch of greenlets copies stacks, marks of the sanitizer's and all. What is freed is soon used again, so that the
  # tests' own look at memory is right.
  check_sanitized asan-greenlets "python on gevent (asan)" detect_leaks=0:quarantine_size_mb=1 \
    tests/python/differential/test_killed.py
}

# check_sanitized PRESET LABEL ASAN_OPTIONS TESTS...
check_sanitized() {
  local environment compiler
  environment=$(python_environment)
  configure "$1" -DKATYDID_PYTHON=ON "-DPython_EXECUTABLE=$environment/bin/python"
  if ! build "$1" katydid_native; then
    record "$2" 0 1
    return
  fi
  compiler=${CXX:-g++}
  export PYTHONPATH=$ROOT/build/$1/python KATYDID_TARGET=$ROOT/build/release/katydid-target
  export LD_PRELOAD ASAN_OPTIONS=$3
  LD_PRELOAD=$(preloads "$compiler")
  check_pytest_in "$4" "$2" "$environment" "${@:5}"
  unset PYTHONPATH KATYDID_TARGET LD_PRELOAD ASAN_OPTIONS
}
