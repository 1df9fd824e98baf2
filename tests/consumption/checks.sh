# Sourced by the tests beside it: check WHAT COMMAND… runs the command and ends the test when it fails.
check() {
  local what=$1
  shift
  if "$@" >"$work/check.log" 2>&1; then
    echo "ok: $what"
  else
    echo "FAILED: $what"
    echo "  command: $*"
    sed 's/^/  /' "$work/check.log"
    exit 1
  fi
}
