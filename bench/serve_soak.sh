#!/bin/bash
# bench/serve_soak.sh [BUILD] [INVOCATIONS]: a million invocations (the default), cold starts and evictions among them; then
# descriptors, children and memory of the gateway, before and after. Exit code 1 when any of them grew.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=${1:-build/release}
invocations=${2:-1000000}
thaw=$PWD/$build/src/cli/thaw
fn=$PWD/$build/src/functions/thaw-fn
scratch=$(mktemp -d)
gateway=
trap 'kill $gateway 2>/dev/null || true; wait; rm -rf "$scratch"' EXIT

"$thaw" serve -q --listen 127.0.0.1:0 --memory 600MB --policy gd --state "$scratch/state" --events "$scratch/events" \
  --format json >"$scratch/url" &
gateway=$!
until [ -s "$scratch/url" ]; do sleep 0.01; done
url=$(sed 's/.*"url":"\([^"]*\)".*/\1/' "$scratch/url")
for i in 0 1 2 3 4 5 6 7; do
  curl -s -o /dev/null -X PUT -d "{\"command\":[\"$fn\"],\"memory\":\"100MB\",\"init\":\"${i}ms\"}" "$url/functions/f$i"
done

# Eight functions, room for six: warm calls with cold starts and evictions between.
cat >"$scratch/mix.lua" <<'LUA'
local n = 0
request = function()
  n = n + 1
  local f = n % 997 == 0 and 6 + n % 2 or n % 5
  return wrk.format("POST", "/function/f" .. f)
end
LUA

state() {
  sleep 1
  echo "$(ls "/proc/$gateway/fd" | wc -l) $(pgrep -P "$gateway" | wc -l) $(awk '/VmRSS/ {print $2}' "/proc/$gateway/status")"
}

wrk -t1 -c2 -d2 -s "$scratch/mix.lua" "$url" >/dev/null
read -r fds children rss < <(state)
done_calls=0
while [ "$done_calls" -lt "$invocations" ]; do
  wrk -t1 -c2 -d20 -s "$scratch/mix.lua" "$url" >/dev/null
  done_calls=$(curl -s "$url/metrics" | awk '/^thaw_invocations_total/ {n += $2} END {printf "%d", n}')
done
read -r fds_after children_after rss_after < <(state)
cold=$(curl -s "$url/metrics" | awk '/start="cold"/ {n += $2} END {print n}')
failed=$(curl -s "$url/metrics" | awk '/^thaw_failed_total/ {n += $2} END {print n}')
echo "invocations $done_calls cold $cold failed $failed"
echo "descriptors $fds -> $fds_after, children $children -> $children_after, resident $rss -> $rss_after KiB"
[ "$fds_after" -le $((fds + 4)) ] && [ "$children_after" -le $((children + 2)) ] && [ "$rss_after" -le $((rss + 8192)) ]
