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
