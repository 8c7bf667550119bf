# Python environments under .venv/, each made from one file of pinned versions.

# Sets PYTHON to a Python that the newest Locust accepts (3.11 or newer).
choose_python() {
  local candidate
  for candidate in python3 python3.13 python3.12 python3.11; do
    if have $candidate && $candidate -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      PYTHON=$candidate
      return
    fi
  done
  if have apt-get && [ -z "${tried_python:-}" ]; then
    tried_python=yes
    (install_packages python3.11 python3.11-venv python3.11-dev) || true
    choose_python
    return
  fi
  die "Locust $(newest_locust) needs Python 3.11 or newer with the venv module; python3 here is $(python3 --version 2>&1)"
}

# Sets UV to a uv, which needs a second for what pip needs a quarter of a minute for; to nothing where there is none to be
# had.
choose_uv() {
  [ -n "${UV+set}" ] && return
  UV=$(command -v uv) && return
  UV=$ENVIRONMENTS/uv/bin/uv
  [ -x "$UV" ] && return
  $PYTHON -m venv "$ENVIRONMENTS/uv" &&
    "$ENVIRONMENTS/uv/bin/python" -m pip install --quiet --disable-pip-version-check uv 2>/dev/null || UV=''
}

# install_pins FOLDER REQUIREMENTS: makes a virtual environment. By pip where uv can't, as it does not read pip's settings.
install_pins() {
  choose_uv
  if [ -n "$UV" ] && "$UV" --quiet venv --seed --python "$(command -v "$PYTHON")" "$1" &&
    "$UV" --quiet pip install --python "$1/bin/python" --requirement "$2" 2>/dev/null; then
    return
  fi
  rm -rf "$1"
  $PYTHON -m venv "$1" &&
    "$1/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$2"
}

# make_environment NAME REQUIREMENTS: left alone when it was made from the same pins by the same Python.
make_environment() {
  local folder=$ENVIRONMENTS/$1 stamp
  local -a pins=("$2")
  mapfile -t -O 1 pins < <(sed -n "s|^-r |${2%/*}/|p" "$2") # what it includes
  stamp=$(cat "${pins[@]}" <($PYTHON -VV) <(say "$folder") | sha256sum | cut -d' ' -f1)
  mkdir -p "$ENVIRONMENTS"
  (
    flock 9 # two scripts at once make it once
    if [ -f "$folder/.stamp" ] && [ "$(cat "$folder/.stamp")" = "$stamp" ]; then
      say "setup: .venv/$1 is up to date"
      exit
    fi
    say "setup: making .venv/$1"
    rm -rf "$folder"
    install_pins "$folder" "$2" ||
      die "pip could not install ${2#"$ROOT"/}; the lines above say why"
    say "$stamp" >"$folder/.stamp"
  ) 9>"$ENVIRONMENTS/.lock"
}
