# Processes that a script starts and ends; logs go to $LOGS/NAME.log.
declare -A CHILDREN=()

end_children() {
  local pid
  for pid in "${CHILDREN[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
  for _ in {1..50}; do
    any_child_alive || break
    sleep 0.1
  done
  for pid in "${CHILDREN[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
}
# "return 0", as a bare return inside a trap gives the status from before the trap.
any_child_alive() {
  local pid
  for pid in "${CHILDREN[@]}"; do kill -0 "$pid" 2>/dev/null && return 0; done
  return 1
}
trap end_children EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# child NAME COMMAND...
child() {
  "${@:2}" >"$LOGS/$1.log" 2>&1 </dev/null &
  CHILDREN[$1]=$!
}

# wait_for_line NAME PATTERN: until its log has it.
wait_for_line() {
  local _
  for _ in {1..300}; do
    grep -qs -- "$2" "$LOGS/$1.log" && return
    kill -0 "${CHILDREN[$1]}" 2>/dev/null || break
    sleep 0.1
  done
  tail -n 20 "$LOGS/$1.log" >&2
  die "the $1 did not start; the lines above are from $LOGS/$1.log"
}

# url_of NAME SCHEME: where it listens, by its log.
url_of() { sed -nE "s/.*listens on ($2:\S+).*/\1/p" "$LOGS/$1.log"; }

# wait_for_child NAME: its exit code.
wait_for_child() {
  local pid=${CHILDREN[$1]} code=0
  wait "$pid" || code=$?
  unset "CHILDREN[$1]"
  return $code
}

port_is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Below the range that outgoing connections get theirs from.
free_port() {
  local port
  while port=$((15000 + RANDOM % 16000)) && port_is_taken $port; do :; done
  say $port
}

# count_of FIELD URL: a top-level number of a JSON answer.
count_of() { "$(locust_environment "$(newest_locust)")/bin/python" -c '
import json, sys, urllib.request
print(json.load(urllib.request.urlopen(sys.argv[2], timeout=10))[sys.argv[1]])' "$1" "$2"; }
