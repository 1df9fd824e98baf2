#!/bin/bash
# bench/placement.sh BUILD [REPETITIONS]: how many children are executed on another processor than they were made on.
#
# Read from the kernel's trace of the scheduler (root, tracefs), for thaw bench and for hyperfine -N. Such a child begins
# where nothing is warm, and its end has to wake another processor.
set -euo pipefail
build=${1:?usage: bench/placement.sh BUILD [REPETITIONS]}
repetitions=${2:-200}
thaw=$(realpath "$build/src/cli/thaw")
tracing=/sys/kernel/tracing
work=$(mktemp -d)
export THAW_RUNS=$work/runs

events() {
  local event
  for event in sched_process_fork sched_process_exec; do echo "$1" >"$tracing/events/sched/$event/enable"; done
}
finish() {
  echo 0 >"$tracing/tracing_on"
  events 0
  rm -rf "$work"
}
if [ ! -w "$tracing/tracing_on" ]; then
  echo "no tracefs that can be written here; the placement was not looked at"
  exit 0
fi
trap finish EXIT
echo nop >"$tracing/current_tracer"
echo 8192 >"$tracing/buffer_size_kb"
events 1
cd "$work"

# placement NAME COMMAND…: lines look like "name-12 [001] … sched_process_fork: … child_pid=34".
placement() {
  local name=$1
  shift
  echo >"$tracing/trace"
  echo 1 >"$tracing/tracing_on"
  "$@" >/dev/null 2>&1
  echo 0 >"$tracing/tracing_on"
  awk -v name="$name" '
    { processor = $0; sub(/^[^[]*\[/, "", processor); sub(/\].*/, "", processor) }
    /sched_process_fork/ { child = $0; sub(/.*child_pid=/, "", child); made[child] = processor }
    /sched_process_exec.*filename=\/bin\/true/ {
      child = $0; sub(/.* pid=/, "", child); sub(/ .*/, "", child)
      ++all; if (made[child] != processor) ++elsewhere
    }
    END { printf "%s: %d of %d children executed on another processor\n", name, elsewhere, all }' "$tracing/trace"
}

for _ in 1 2 3 4 5; do
  placement "thaw bench" "$thaw" bench --repeat "$repetitions" -o "$work/runs/r$RANDOM$RANDOM" -- /bin/true
  if command -v hyperfine >/dev/null; then
    placement "hyperfine -N" hyperfine -N --warmup 0 --runs "$repetitions" /bin/true
  fi
done
