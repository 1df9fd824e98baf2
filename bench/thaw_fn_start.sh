#!/bin/bash
# bench/thaw_fn_start.sh BUILD [ROUNDS]: how soon thaw-fn answers after it was started, and how fast it answers.
#
# The start is counted from before the spawn to the end of the first answer, over a connection that is tried again and
# again until somebody listens; goal: 2 ms at the median. The rest is h2load's: one connection with one call at a time,
# then 16 in flight, over HTTP/1.1 and clear-text HTTP/2, the function and h2load each on a processor of its own.
set -euo pipefail
build=${1:?usage: bench/thaw_fn_start.sh BUILD [ROUNDS]}
rounds=${2:-200}
program=$build/src/functions/thaw-fn
server=
trap '[ -z "$server" ] || kill "$server"' EXIT

python3 - "$program" "$rounds" <<'PYTHON'
import os, socket, sys, time

program, rounds = sys.argv[1], int(sys.argv[2])
request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def start_once():
    """Nanoseconds from the spawn to the listening socket, and to the end of the first answer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    argv = [program, "--port", str(port)]
    quiet = [(os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0)]
    begin = time.perf_counter_ns()
    pid = os.posix_spawn(program, argv, {}, file_actions=quiet)
    while True:
        client = socket.socket()
        if client.connect_ex(("127.0.0.1", port)) == 0:
            break
        client.close()
    listening = time.perf_counter_ns()
    client.sendall(request)
    answer = client.recv(65536)
    end = time.perf_counter_ns()
    client.close()
    os.kill(pid, 15)
    os.waitpid(pid, 0)
    assert answer.startswith(b"HTTP/1.1 200"), answer
    return listening - begin, end - begin


times = [start_once() for _ in range(rounds)]
for name, column in (("listening", 0), ("first answer", 1)):
    values = sorted(each[column] / 1e6 for each in times)
    middle, late = values[len(values) // 2], values[int(len(values) * 0.99)]
    goal = "" if column == 0 else f"; goal: 2 ms ({'holds' if middle <= 2 else 'missed'})"
    print(f"from spawn to {name}: p50 {middle:.3f} ms, p99 {late:.3f} ms{goal}")
PYTHON

if ! command -v h2load >/dev/null; then
  echo "no h2load here; the throughput was left out"
  exit 0
fi
log=$(mktemp)
taskset -c 1 "$program" --port 0 2>"$log" &
server=$!
until grep -q http "$log"; do sleep 0.01; done
url=$(sed 's/.* //' "$log")/
rm "$log"

# rate NAME OPTION…: what h2load says.
rate() {
  local name=$1
  shift
  printf '%s: %s\n' "$name" "$(taskset -c 0 h2load -D 3 --warm-up-time=1 "$@" "$url" | sed -n 's/^finished in [^,]*, \([^,]*\),.*/\1/p')"
}
rate "HTTP/1.1, 1 connection" --h1 -c 1
rate "HTTP/1.1, 16 connections" --h1 -c 16
rate "HTTP/2, 1 call at a time" -c 1 -m 1
rate "HTTP/2, 16 in flight on 1 connection" -c 1 -m 16
