# Wheels of the Python package: how one is made, and how it is tried where nothing of this tree can be seen.

# For this machine. tools/cross sets them for another.
WHEEL_MACHINE=$(uname -m)
WHEEL_FOLDER=dist
WHEEL_LIBRARIES=$OWN_LIBCURL/lib      # what tools/libcurl built is found before the distribution's
WHEEL_VARIABLES=() WHEEL_ARGUMENTS=() # for the build, and for CMake
SBOM_OPTIONS=()

# build_wheel INTERPRETER: prints the wheel's path; all else goes to stderr.
build_wheel() {
  local version environment raw built tag tree
  local -a arguments=("${WHEEL_ARGUMENTS[@]}")
  version=$(python_version "$1")
  environment=$ENVIRONMENTS/wheel-$version
  raw=build/wheels/$WHEEL_MACHINE-$version
  {
    PYTHON=$1 make_environment "wheel-$version" tools/lib/requirements-wheel.txt
    (choose_python && make_environment release tools/lib/requirements-release.txt)
    rm -rf "$raw"
    mkdir -p "$raw" "$WHEEL_FOLDER"
    have ccache && arguments+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    env "${WHEEL_VARIABLES[@]}" CMAKE_ARGS="${arguments[*]}" "$environment/bin/python" -m pip wheel --disable-pip-version-check --no-deps \
      --no-build-isolation --wheel-dir "$raw/built" . || die "the wheel could not be built; the lines above say why"
    AUDITWHEEL_LD_LIBRARY_PATH=$WHEEL_LIBRARIES PATH=$environment/bin:$PATH "$environment/bin/auditwheel" repair \
      --wheel-dir "$raw/repaired" "$raw"/built/*.whl ||
      die "the wheel's libraries could not be put into it; the lines above say why"
    tag=$(basename "$raw"/built/*.whl .whl | cut -d- -f3-)
    tree=build/wheel-$tag
    "$ENVIRONMENTS/release/bin/python" tools/lib/wheel_sbom.py "$raw"/repaired/*.whl --version "$(project_version)" \
      --build "$tree" --library-path "$WHEEL_LIBRARIES" --binary "$tree/katydid" \
      --binary "$(find "$tree" -name '_native*.so' | head -n 1)" "${SBOM_OPTIONS[@]}" ||
      die "the wheel could not be given a bill of materials; the lines above say why"
  } >&2
  built=$(basename "$raw"/repaired/*.whl)
  # One at a time: pip is asked for "dist/*.whl".
  rm -f "$WHEEL_FOLDER"/katydid-*-"$(cut -d- -f3-4 <<<"$built")"-*.whl
  mv "$raw/repaired/$built" "$WHEEL_FOLDER/"
  say "$WHEEL_FOLDER/$built"
}

# check_wheel INTERPRETER WHEEL
check_wheel() {
  "$ENVIRONMENTS/release/bin/twine" check --strict "$2" || die "an index would not take $2; the lines above say why"
  "$ENVIRONMENTS/release/bin/python" tools/lib/wheel_sbom.py "$2" --check || die "the bill of materials in $2 is wrong"
  KATYDID_WHEEL=$ROOT/$2 KATYDID_WHEEL_PYTHON=$1 \
    "$(python_environment)/bin/python" -m pytest tests/wheel
}
