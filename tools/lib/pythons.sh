# Interpreters of CPython by their versions.

# find_python VERSION: 3.12, or 3.14t for the free-threaded one, in PATH or among pyenv's; or the path of one.
find_python() {
  if [[ $1 == */* ]]; then
    [ -x "$1" ] && say "$1"
    return
  fi
  local candidate
  for candidate in "python$1" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1"/bin/python \
    "${PYENV_ROOT:-$HOME/.pyenv}/versions/${1%t}".*/bin/"python$1"; do
    if have "$candidate" && [ "$(python_version "$candidate")" = "$1" ]; then
      say "$candidate"
      return
    fi
  done
  return 1
}

# "3.12", with a t behind it where there is no GIL. A shim of pyenv's may stand for nothing.
python_version() {
  "$1" -c 'import sys, sysconfig
print("%d.%d" % sys.version_info[:2] + ("t" if sysconfig.get_config_var("Py_GIL_DISABLED") else ""))' 2>/dev/null
}

# build_extension VERSION: beside that of the tree's own Python, which has another name.
build_extension() {
  local folder=build/python-$1
  configure release -B "$folder" -DKATYDID_PYTHON=ON -DKATYDID_TESTS=OFF "-DPython_EXECUTABLE=$ENVIRONMENTS/python-$1/bin/python" &&
    cmake --build "$folder" --target katydid_native &&
    cp "$folder"/python/katydid/_native.*.so build/release/python/katydid/
}

# check_python_tests VERSION ENVIRONMENT AT_ONCE: without what needs gevent where that can't be had.
check_python_tests() {
  local options=(--ignore tests/python/differential)
  [[ $1 == *t ]] && options+=(--ignore tests/python/masters --deselect
    tests/python/command/test_command.py::test_workers_of_all_kinds_under_one_master)
  # The extension has the interpreter switch its GIL on; that said in advance, there is no warning.
  [[ $1 == *t ]] && export PYTHON_GIL=1
  export PYTHONPATH=$ROOT/build/release/python
  check_pytest_in tests/python "python $1" "$2" --numprocesses "$3" "${options[@]}"
  [[ $1 == *t ]] || check_pytest_in tests/python/differential "python $1 on gevent" "$2"
  unset PYTHONPATH PYTHON_GIL
}
