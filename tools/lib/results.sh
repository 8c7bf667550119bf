# Counts what passed and what failed over several kinds of tests, for one closing line.
PASSED=0
FAILED=0
SUMMARY=()
RECORDED_AT=$SECONDS

# record LABEL PASSED FAILED: with the time since the last one.
record() {
  PASSED=$((PASSED + $2))
  FAILED=$((FAILED + $3))
  SUMMARY+=("$(printf '%-28s %5d passed %5d failed %6d s' "$1" "$2" "$3" $((SECONDS - RECORDED_AT)))")
  RECORDED_AT=$SECONDS
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
