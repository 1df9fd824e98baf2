#!/bin/bash
# bench/load_vs_wrk.sh BUILD [ROUNDS]: the load generator beside wrk, against nginx.
#
# nginx on processor 0, the generator on processor 1, in alternating rounds so that drift of the machine meets both.
# Prints processor time per request (user and system, start-up included), medians over the rounds; then the open loop:
# lateness and rate of a Poisson load, and memory; last, how old the last row is that a killed generator leaves behind. Needs
# nginx, wrk and GNU time.
set -euo pipefail
build=${1:?usage: bench/load_vs_wrk.sh BUILD [ROUNDS]}
rounds=${2:-5}
thaw=$build/src/cli/thaw
work=$(mktemp -d)
port=18473
url=http://127.0.0.1:$port/
cat >"$work/nginx.conf" <<CONF
worker_processes 1; daemon off; pid $work/pid; error_log $work/error.log;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 100000000;
  client_body_temp_path $work/a; proxy_temp_path $work/b; fastcgi_temp_path $work/c; uwsgi_temp_path $work/d; scgi_temp_path $work/e;
  server { listen 127.0.0.1:$port; location / { return 200 "ok"; } }
}
CONF
taskset -c 0 nginx -c "$work/nginx.conf" -p "$work" &
server=$!
trap 'kill $server; wait $server 2>/dev/null || true; rm -rf "$work"' EXIT
until curl -sf "$url" >/dev/null; do sleep 0.1; done

median() { sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
field() { python3 -c 'import json, sys
value = json.load(open(sys.argv[1]))
for key in sys.argv[2].split("."): value = value[key]
print(value)' "$1" "$2"; }

# cpu FILE: µs of processor time per request from GNU time's "user system" and the number of requests.
for ((round = 0; round < rounds; ++round)); do
  for connections in 16 64; do
    /usr/bin/time -f '%U %S' -o "$work/time" taskset -c 1 wrk -t1 -c$connections -d3s "$url" >"$work/wrk"
    requests=$(awk '/requests in/ { print $1 }' "$work/wrk")
    awk -v n="$requests" '{ print ($1 + $2) * 1e6 / n }' "$work/time" >>"$work/wrk.$connections.cpu"
    awk '/Requests\/sec/ { print $2 }' "$work/wrk" >>"$work/wrk.$connections.rate"
    /usr/bin/time -f '%U %S' -o "$work/time" taskset -c 1 "$thaw" load -q --no-record --format json \
      --connections $connections --duration 3s --target "$url" >"$work/thaw"
    awk -v n="$(field "$work/thaw" sent)" '{ print ($1 + $2) * 1e6 / n }' "$work/time" >>"$work/thaw.$connections.cpu"
    field "$work/thaw" throughput_per_s >>"$work/thaw.$connections.rate"
  done
done
for connections in 16 64; do
  ours=$(median <"$work/thaw.$connections.cpu") theirs=$(median <"$work/wrk.$connections.cpu")
  awk -v c=$connections -v ours="$ours" -v theirs="$theirs" -v r="$(median <"$work/thaw.$connections.rate")" \
    -v w="$(median <"$work/wrk.$connections.rate")" 'BEGIN {
    printf "closed loop, %d connections: thaw %.2f us/request (%.0f/s), wrk %.2f us/request (%.0f/s), ratio %.2f; goal 1.15 (%s)\n",
      c, ours, r, theirs, w, ours / theirs, ours / theirs <= 1.15 ? "holds" : "missed" }'
done

# open RATE ARGUMENTS…: one open loop with the whole record; lateness and what was sent.
open_loop() {
  local rate=$1
  shift
  rm -rf "$work/run"
  /usr/bin/time -f '%M %U %S' -o "$work/time" taskset -c 1 "$thaw" load -q --format json -o "$work/run" --rps "$rate" \
    --duration 5s --iat poisson --most-connections 64 --target "$url" "$@" >"$work/thaw"
  read -r kib user system <"$work/time"
  printf 'open loop, Poisson %s/s %s: sent %s of %s, lateness p50 %.1f us, p99 %.1f us, response p50 %.3f ms, %.1f MiB, %s; %.1f us/request\n' \
    "$rate" "$*" "$(field "$work/thaw" sent)" "$(field "$work/thaw" planned)" "$(field "$work/thaw" lateness.p50_us)" \
    "$(field "$work/thaw" lateness.p99_us)" "$(field "$work/thaw" response.p50_ms)" "$(awk -v k="$kib" 'BEGIN { print k / 1024 }')" \
    "$(field "$work/thaw" verdict)" "$(awk -v u="$user" -v s="$system" -v n="$(field "$work/thaw" sent)" 'BEGIN { print (u + s) * 1e6 / n }')"
}
for ((round = 0; round < rounds; ++round)); do
  open_loop 1000
  open_loop 10000
  open_loop 10000 --spin 60us
  open_loop 80000
done

# killed RATE: the generator is killed after 1.5 s; time from the end of the last invocation on the disk to the kill.
killed() {
  local rate=$1 killed_at generator
  rm -rf "$work/run"
  taskset -c 1 "$thaw" load -q -o "$work/run" --rps "$rate" --duration 5s --iat poisson --most-connections 64 \
    --target "$url" >/dev/null &
  generator=$!
  sleep 1.5
  killed_at=$EPOCHREALTIME
  kill -9 $generator
  wait $generator 2>/dev/null || true
  # The very last row may be cut off.
  tail -n 2 "$work/run/samples.csv" | head -n 1 | awk -F, -v rate="$rate" -v at="$killed_at" \
    '{ printf "killed at %s/s: the last row is %.1f ms old\n", rate, at * 1e3 - ($4 + $7) / 1e3 }'
}
for ((round = 0; round < rounds; ++round)); do
  killed 10000
  killed 80000
  killed 120000
done
