#!/bin/bash
# day.sh THAW [INVOCATIONS [FOLDER]]: one day like Azure 2019, 46,000 functions and 900 million invocations, by LRU and GD at
# five memory sizes on two processors. Prints the wall time, the largest resident set, and what was simulated. Goal: at most
# 10 min and 1 GiB. The trace (some hundred MB) is made once in FOLDER and used again.
set -euo pipefail
thaw=$(realpath "$1") invocations=${2:-900000000} folder=${3:-/tmp/thaw-day}
trace=$folder/day-$invocations

if [ ! -e "$trace/made" ]; then
  mkdir -p "$folder"
  echo "making $trace" >&2
  time "$thaw" trace synth --like azure2019 --functions 46000 --invocations "$invocations" --to azure2019 -o "$trace" >&2
  touch "$trace/made"
fi
# By the published laws an execution takes 11 s and 170 MB in the mean, so that 900 million a day keep 20 TB busy at any time;
# the smallest size is about that, the largest three times as much.
step=$((invocations / 90000))
record=$(mktemp -d "$folder/record-XXXXXX")/sweep
/usr/bin/time -f '%e s wall, %U s user, %S s system, %M kB largest resident set' \
  "$thaw" sim sweep -q -j 2 --trace "$trace" --policy lru,gd --memory "$((2 * step))GB:$((6 * step))GB:${step}GB" --format table -o "$record"
uptime
