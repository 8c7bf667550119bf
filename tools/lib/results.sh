# Counts what passed and what failed over several kinds of tests, for one closing line.
PASSED=0
FAILED=0
SUMMARY=()

# record LABEL PASSED FAILED
record() {
  PASSED=$((PASSED + $2))
  FAILED=$((FAILED + $3))
  SUMMARY+=("$(printf '%-28s %5d passed %5d failed' "$1" "$2" "$3")")
}

# record_check LABEL COMMAND...: a check that passes or fails as a whole.
record_check() {
  local label=$1
  shift
  if "$@"; then record "$label" 1 0; else record "$label" 0 1; fi
}

finish() {
  printf '\n'
  printf '%s\n' "${SUMMARY[@]}"
  printf '\n%d passed, %d failed\n' "$PASSED" "$FAILED"
  [ "$FAILED" -eq 0 ] && [ "$PASSED" -gt 0 ]
  exit
}
