# The Python extension under sanitizers, in an interpreter that is not built with them.

# preloads COMPILER: what has to be in the interpreter before anything else: its allocator, and the C++ library whose
# exceptions it follows.
preloads() {
  say "$("$1" -print-file-name=libasan.so) $("$1" -print-file-name=libstdc++.so.6)"
}

# check_python_asan: users that are cancelled, requests, redirects and what else the native module does. CPython keeps
# memory until its end, so that leaks are for the tests' own counters to see.
check_python_asan() {
  step "the Python package (asan)"
  local environment compiler
  environment=$(python_environment)
  configure asan -DKATYDID_PYTHON=ON "-DPython_EXECUTABLE=$environment/bin/python"
  if ! build asan katydid_native; then
    record "python (asan)" 0 1
    return
  fi
  compiler=${CXX:-g++}
  export PYTHONPATH=$ROOT/build/asan/python KATYDID_TARGET=$ROOT/build/release/katydid-target
  export LD_PRELOAD ASAN_OPTIONS=detect_leaks=0
  LD_PRELOAD=$(preloads "$compiler")
  check_pytest_in tests/python/test_native.py "python (asan)" "$environment" tests/python/test_cancellation.py \
    tests/python/test_httpx.py
  unset PYTHONPATH KATYDID_TARGET LD_PRELOAD ASAN_OPTIONS
}
