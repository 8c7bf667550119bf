# Wheels of the Python package: how one is made, and how it is tried where nothing of this tree can be seen.

# build_wheel INTERPRETER: prints the wheel's path; all else goes to stderr.
build_wheel() {
  local version environment raw built tag tree
  version=$(python_version "$1")
  environment=$ENVIRONMENTS/wheel-$version
  raw=build/wheels/$version
  {
    PYTHON=$1 make_environment "wheel-$version" tools/lib/requirements-wheel.txt
    (choose_python && make_environment release tools/lib/requirements-release.txt)
    rm -rf "$raw"
    mkdir -p "$raw" dist
    have ccache && export CMAKE_CXX_COMPILER_LAUNCHER=ccache
    "$environment/bin/python" -m pip wheel --disable-pip-version-check --no-deps --no-build-isolation \
      --wheel-dir "$raw/built" . || die "the wheel could not be built; the lines above say why"
    # What tools/libcurl built is found before the distribution's.
    LD_LIBRARY_PATH=$OWN_LIBCURL/lib PATH=$environment/bin:$PATH "$environment/bin/auditwheel" repair \
      --wheel-dir "$raw/repaired" "$raw"/built/*.whl ||
      die "the wheel's libraries could not be put into it; the lines above say why"
    tag=$(basename "$raw"/built/*.whl .whl | cut -d- -f3-)
    tree=build/wheel-$tag
    "$ENVIRONMENTS/release/bin/python" tools/lib/wheel_sbom.py "$raw"/repaired/*.whl --version "$(project_version)" \
      --build "$tree" --library-path "$OWN_LIBCURL/lib" --binary "$tree/katydid" \
      --binary "$(find "$tree" -name '_native*.so' | head -n 1)" ||
      die "the wheel could not be given a bill of materials; the lines above say why"
  } >&2
  built=$(basename "$raw"/repaired/*.whl)
  # One at a time: pip is asked for "dist/*.whl".
  rm -f dist/katydid-*-"$(cut -d- -f3-4 <<<"$built")"-*.whl
  mv "$raw/repaired/$built" dist/
  say "dist/$built"
}

# check_wheel INTERPRETER WHEEL
check_wheel() {
  "$ENVIRONMENTS/release/bin/twine" check --strict "$2" || die "an index would not take $2; the lines above say why"
  "$ENVIRONMENTS/release/bin/python" tools/lib/wheel_sbom.py "$2" --check || die "the bill of materials in $2 is wrong"
  KATYDID_WHEEL=$ROOT/$2 KATYDID_WHEEL_PYTHON=$1 \
    "$(python_environment)/bin/python" -m pytest tests/wheel
}
