#!/bin/bash
# bench/serve.sh [BUILD]: what thaw serve costs, on a quiet machine. Needs wrk. BUILD: build/release.
#
# Prints, one line each: overhead at one in flight over calling the function directly (p50, interleaved rounds), warm
# invocations a second on one core, cold starts of a process beside its own start (p50), memory with 1,000 functions and
# 500 live instances.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=${1:-build/release}
thaw=$PWD/$build/src/cli/thaw
fn=$PWD/$build/src/functions/thaw-fn
rounds=${ROUNDS:-7}
scratch=$(mktemp -d)
started=()
cleanup() {
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait
  rm -rf "$scratch"
}
trap cleanup EXIT

# serve NAME WORDS…: a gateway; its URL in $url, its pid in $gateway.
serve() {
  local name=$1
  shift
  "$thaw" serve -q --listen 127.0.0.1:0 --state "$scratch/state" --format json "$@" >"$scratch/$name" 2>"$scratch/$name.err" &
  gateway=$!
  started+=("$gateway")
  until [ -s "$scratch/$name" ]; do sleep 0.01; done
  url=$(sed 's/.*"url":"\([^"]*\)".*/\1/' "$scratch/$name")
}

# p50 URL [WORDS…]: median latency in µs as wrk sees it, one connection.
p50() {
  wrk -t1 -c1 -d2 --latency "$@" | awk '$1 == "50%" {
    v = $2; if (v ~ /us$/) f = 1; else if (v ~ /ms$/) f = 1000; else f = 1e6; sub(/[a-z]+$/, "", v); print v * f }'
}

median() { sort -g | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

echo "# $(uname -sr), $(nproc) processors, load $(cut -d' ' -f1-3 /proc/loadavg)"

# --- overhead at one in flight ---------------------------------------------------------------------------------------
serve overhead --memory 4GiB --policy lru
curl -s -o /dev/null -X PUT -d "{\"command\":[\"$fn\"]}" "$url/functions/f"
curl -s -o /dev/null -X POST "$url/function/f"
PORT=0 "$fn" >"$scratch/fn" 2>&1 &
started+=($!)
until grep -q http "$scratch/fn"; do sleep 0.01; done
direct=$(grep -o 'http://[0-9.:]*' "$scratch/fn" | head -n 1)
for _ in $(seq "$rounds"); do
  a=$(p50 "$direct/")
  b=$(p50 "$url/function/f")
  echo "$a" >>"$scratch/direct"
  echo "$b" >>"$scratch/through"
  awk "BEGIN {print $b - $a}" >>"$scratch/difference"
done
echo "overhead_p50_us $(median <"$scratch/difference") (direct $(median <"$scratch/direct"), through $(median <"$scratch/through"); wanted: at most 100)"

# --- warm invocations a second on one core ---------------------------------------------------------------------------
serve rate --memory 4GiB --policy lru
taskset -a -p -c 0 "$gateway" >/dev/null
curl -s -o /dev/null -X PUT -d '{"sandbox":"thread"}' "$url/functions/t"
for _ in $(seq "$rounds"); do
  taskset -c 1 wrk -t1 -c16 -d3 "$url/function/t" | awk '/Requests\/sec/ {print $2}' >>"$scratch/rate"
done
echo "warm_per_s $(median <"$scratch/rate") (gateway and function threads on one core; wanted: at least 20000)"

# --- cold start of a process, beside its own start -------------------------------------------------------------------
serve cold --memory 4GiB --policy lru
curl -s -o /dev/null -X PUT -d "{\"command\":[\"$fn\"],\"ttl\":\"1ms\"}" "$url/functions/f"
for _ in $(seq 100); do
  curl -s -o /dev/null -D - -X POST "$url/function/f" | tr -d '\r' | awk -F': ' '/X-Thaw-Cold-Start-Ms/ {print $2}' >>"$scratch/cold"
  sleep 0.03
done
# The program's own start: from exec to the first answer, without the gateway.
cat >"$scratch/own.py" <<'PY'
import socket, subprocess, sys, time
times = []
for i in range(100):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    begin = time.monotonic()
    child = subprocess.Popen([sys.argv[1]], env={"PORT": str(port)}, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except ConnectionRefusedError:
            time.sleep(0.0001)
    times.append((time.monotonic() - begin) * 1000)
    child.kill()
    child.wait()
print(sorted(times)[50])
PY
own=$(python3 "$scratch/own.py" "$fn")
cold=$(median <"$scratch/cold")
echo "cold_start_p50_ms $cold (the program's own start $own; wanted: at most 5 more)"

# --- memory with many functions and instances ------------------------------------------------------------------------
serve many --memory 1000GB --policy lru
for i in $(seq 1000); do
  printf 'url = "%s/functions/f%s"\nrequest = "PUT"\ndata = "{\\"command\\":[\\"%s\\"]}"\noutput = "/dev/null"\n' "$url" "$i" "$fn"
  [ "$i" -eq 1000 ] || echo next
done >"$scratch/puts"
curl -s -K "$scratch/puts"
for i in $(seq 500); do
  printf 'url = "%s/function/f%s"\nrequest = "POST"\noutput = "/dev/null"\n' "$url" "$i"
  [ "$i" -eq 500 ] || echo next
done >"$scratch/posts"
curl -s -K "$scratch/posts"
live=$(curl -s "$url/metrics" | awk '/^thaw_instances/ {n += $2} END {print n}')
rss=$(awk '/VmRSS/ {print $2 / 1024}' "/proc/$gateway/status")
echo "gateway_rss_mib $rss (1000 functions, $live live instances; wanted: at most 200)"
