#!/bin/bash
# bench/launcher.sh BUILD [ROUNDS]: what a repetition, a start and 10,000 repetitions of the launcher cost.
#
# Compared with hyperfine -N in alternating rounds, so that drift of the machine meets both. Prints medians over the
# rounds in milliseconds, and the goal beside each.
set -euo pipefail
build=${1:?usage: bench/launcher.sh BUILD [ROUNDS]}
rounds=${2:-7}
thaw=$(realpath "$build/src/cli/thaw")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export THAW_RUNS=$work/runs
# Outside of any git tree: inside, git status is asked for the record, which hyperfine has none of.
cd "$work"

# wall COMMAND…: nanoseconds from start to end.
wall() {
  local begin
  begin=$(date +%s%N)
  "$@" >/dev/null 2>&1
  echo $(($(date +%s%N) - begin))
}

# median: of the numbers on standard input, in ms with three digits.
median() {
  sort -n | awk '{ v[NR] = $1 } END { m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2; printf "%.3f", m / 1e6 }'
}

repeat_thaw() { "$thaw" bench --repeat "$1" -o "$work/runs/r$RANDOM$RANDOM" -- /bin/true; }
repeat_hyperfine() { hyperfine -N --warmup 0 --runs "$1" /bin/true; }

# per_repetition WHOLE TWO: µs for each of 198 repetitions, from the walls of 200 and of two in the same round.
per_repetition() { paste "$1" "$2" | awk '{ printf "%.0f\n", ($1 - $2) / 198 }' | median | awk '{ print $1 * 1000 }'; }

if command -v hyperfine >/dev/null; then
  for ((round = 0; round < rounds; ++round)); do
    for count in 200 2; do
      wall repeat_thaw "$count" >>"$work/thaw$count"
      wall repeat_hyperfine "$count" >>"$work/hyperfine$count"
    done
  done
  ours=$(per_repetition "$work/thaw200" "$work/thaw2")
  theirs=$(per_repetition "$work/hyperfine200" "$work/hyperfine2")
  awk -v ours="$ours" -v theirs="$theirs" 'BEGIN {
    printf "a repetition of /bin/true, start-up apart: thaw %.0f us, hyperfine -N %.0f us; goal: no more (%s)\n",
      ours, theirs, ours <= theirs ? "holds" : "missed" }'
  awk -v ours="$(median <"$work/thaw200")" -v theirs="$(median <"$work/hyperfine200")" \
    -v our_two="$(median <"$work/thaw2")" -v their_two="$(median <"$work/hyperfine2")" 'BEGIN {
    printf "all of 200 repetitions: thaw %.1f ms, hyperfine -N %.1f ms; of two: %.1f ms and %.1f ms\n",
      ours, theirs, our_two, their_two }'
else
  echo "no hyperfine here; the comparison was left out"
fi

for ((round = 0; round < 20; ++round)); do
  wall "$thaw" --help >>"$work/help"
  wall repeat_thaw 1 >>"$work/start"
done
awk -v start="$(median <"$work/start")" -v help="$(median <"$work/help")" 'BEGIN {
  printf "thaw bench --repeat 1 -- /bin/true: %.1f ms; goal: 30 ms (%s)\n", start, start <= 30 ? "holds" : "missed"
  printf "thaw --help: %.1f ms; goal: 10 ms (%s)\n", help, help <= 10 ? "holds" : "missed" }'

if [ -x /usr/bin/time ]; then
  /usr/bin/time -f %M -o "$work/rss" "$thaw" bench --repeat 10000 -o "$work/runs/many" -- /bin/true >/dev/null 2>&1
  awk '{ printf "10,000 repetitions: %.1f MB; goal: 50 MB (%s)\n", $1 / 1000, $1 < 50000 ? "holds" : "missed" }' "$work/rss"
else
  echo "no GNU time here; the memory of 10,000 repetitions was left out"
fi
