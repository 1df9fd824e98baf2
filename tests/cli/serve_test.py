"""`thaw serve` as a user meets it: files, traces, real programs, real clients, kills."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

from command import FIXTURES, unique

import harness
from harness import main
from serving import THAW_FN, ServeTest


class Start(ServeTest):
    def test_functions_come_from_a_yaml_file(self):
        self.file("f.yaml", f"memory: 1GiB\npolicy: lru\nfunctions:\n  hello:\n    command: [{THAW_FN}]\n"
                            "    memory: 64MiB\n  other:\n    memory: 32MiB\n    ttl: 1m\n")
        service = self.serve("f.yaml")
        self.assertEqual(service.call("hello", "?cpu=1")[0]["X-Thaw-Cold"], "1")
        self.assertEqual(set(service.functions()), {"hello", "other"})

    def test_a_mistake_in_the_file_is_named_with_its_line(self):
        self.file("f.yaml", "functions:\n  hello:\n    memroy: 64MiB\n")
        done = self.thaw("serve", "f.yaml", expect=2)
        self.assert_hint(done, "f.yaml:2", 'did you mean "memory"?')

    def test_a_mistake_in_a_setting_is_named_with_its_line(self):
        self.file("f.yaml", "polcy: lru\n")
        self.assert_hint(self.thaw("serve", "f.yaml", expect=2), "f.yaml:1:1", 'did you mean "policy"?')

    def test_words_win_over_the_file(self):
        self.file("f.yaml", "policy: lru\nmemory: 1GiB\n")
        printed = json.loads(self.thaw("serve", "f.yaml", "--policy", "gd", "--print-config").stdout)
        self.assertEqual((printed["policy"], printed["memory"]), ("gd", "1GiB"))

    def test_a_printed_configuration_reads_back_the_same(self):
        self.file("f.yaml", "policy: lru\nfunctions:\n  hello: {memory: 64MiB, concurrency: 3}\n")
        first = self.thaw("serve", "f.yaml", "--print-config").stdout
        self.file("again.json", first)
        self.assertEqual(self.thaw("serve", "again.json", "--print-config").stdout, first)

    def test_functions_come_from_a_trace(self):
        trace = FIXTURES / "traces" / "azure2019-20b"
        rows = json.loads(self.thaw("serve", "--trace", trace, "--dry-run", "--format", "json").stdout)
        self.assertEqual(len(rows), 20)
        self.assertTrue(all(row["memory_mb"] > 0 and row["init_ms"] >= 0 for row in rows))

    def test_a_function_of_a_trace_takes_its_time(self):
        words = ["--trace", FIXTURES / "traces" / "azure2019-20b", "--speedup", "100", "--mode", "sleep"]
        rows = json.loads(self.thaw("serve", *words, "--dry-run", "--format", "json").stdout)
        row = max((row for row in rows if row["init_ms"] + row["execution_ms"] < 3000), key=lambda row: row["init_ms"])
        service = self.serve(*words, "--memory", "8GiB")
        headers, _ = service.call(row["function"])
        self.assertGreaterEqual(float(headers["X-Thaw-Cold-Start-Ms"]), row["init_ms"])
        self.assertGreaterEqual(float(headers["X-Thaw-Execution-Ms"]), row["execution_ms"])

    def test_an_unknown_policy_is_refused_with_the_nearest(self):
        self.assert_hint(self.thaw("serve", "--policy", "lruu", expect=2), "lruu", 'did you mean "lru"?')

    def test_a_port_in_use_is_refused(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            done = self.thaw("serve", "--listen", f"127.0.0.1:{taken.getsockname()[1]}", "--state", "none", expect=4)
        self.assert_hint(done, "Address already in use", "choose another one")

    def test_other_machines_need_a_token(self):
        self.assert_hint(self.thaw("serve", "--listen", "0.0.0.0:0", expect=2), "other machines", "--token-file")

    def test_the_token_comes_from_a_file(self):
        self.file("token", "secret\n")
        service = self.serve("--token-file", "token")
        self.assertEqual(service.request("GET", "/functions")[0], 401)
        self.assertEqual(service.request("GET", "/functions", headers={"Authorization": "Bearer secret"})[0], 200)

    def test_the_token_comes_from_the_environment(self):
        service = self.serve(env=self.env | {"THAW_SERVE_TOKEN": "other"})
        self.assertEqual(service.request("GET", "/functions", headers={"Authorization": "Bearer other"})[0], 200)

    def test_the_kinds_of_sandboxes_are_listed(self):
        rows = json.loads(self.thaw("serve", "--list-sandboxes", "--format", "json").stdout)
        self.assertEqual([row["sandbox"] for row in rows], ["process", "docker", "thread"])


class RealPrograms(ServeTest):
    """Servers that nobody here wrote."""

    def test_pythons_own_server(self):
        self.file("index.html", "from python\n")
        service = self.serve("--command", "python3 -m http.server --bind 127.0.0.1 {port}")
        service.put("files", memory="64MiB")
        self.assertEqual(service.request("GET", "/function/files/index.html")[2], "from python\n")
        status, headers, _ = service.request("GET", "/function/files/index.html")
        self.assertEqual((status, headers["X-Thaw-Cold"], headers["X-Thaw-Instance"]), (200, "0", "1"))

    def test_nodes_own_server(self):
        node = harness.need_program("node", "nodejs")
        self.file("server.js", "require('http').createServer((q, a) => { let n = 0; q.on('data', d => n += d.length);"
                               "q.on('end', () => a.end(q.method + ' ' + q.url + ' ' + n)); }).listen(process.env.PORT)")
        service = self.serve()
        service.put("n", command=[node, str(self.folder / "server.js")])
        status, _, text = service.request("POST", "/function/n/a/b?c", body=b"x" * 1_000_000)
        self.assertEqual((status, text), (200, "POST /a/b?c 1000000"))

    def test_the_output_of_functions_is_kept_when_asked_for(self):
        service = self.serve("--logs", "logs", "--command", "python3 -m http.server --bind 127.0.0.1 {port}")
        service.put("p")
        service.call("p", expect=501)  # It knows no POST, and says so on stderr.
        self.assertIn("Unsupported method", (self.folder / "logs" / "p.log").read_text())


class RealClients(ServeTest):
    def setUp(self):
        super().setUp()
        self.service = self.serve()
        self.service.put("f", sandbox="thread")

    def drive(self, *words):
        return subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout

    def test_wrk(self):
        wrk = harness.need_program("wrk", "wrk")
        text = self.drive(wrk, "-t1", "-c8", "-d1", f"{self.service.url}/function/f")
        self.assertNotIn("Non-2xx", text)
        self.assertNotIn("Socket errors", text)

    def test_h2load_over_clear_text_http2(self):
        h2load = harness.need_program("h2load", "nghttp2-client")
        text = self.drive(h2load, "-n", "2000", "-c", "2", "-m", "8", f"{self.service.url}/function/f")
        self.assertIn("2000 succeeded, 0 failed, 0 errored", text)

    def test_h2load_over_http1(self):
        h2load = harness.need_program("h2load", "nghttp2-client")
        text = self.drive(h2load, "--h1", "-n", "2000", "-c", "4", f"{self.service.url}/function/f")
        self.assertIn("2000 succeeded, 0 failed, 0 errored", text)

    def test_curl_with_a_large_body_that_waits_for_continue(self):
        curl = harness.need_program("curl", "curl")
        (self.folder / "body").write_bytes(b"y" * 3_000_000)
        text = self.drive(curl, "-s", "-H", "Expect: 100-continue", "--data-binary", f"@{self.folder}/body",
                          f"{self.service.url}/function/f")
        self.assertEqual(len(text), 3_000_000)


GRPC_CALL = r"""
import sys, grpc
with grpc.insecure_channel(sys.argv[1], options=[("grpc.default_authority", sys.argv[3])]) as channel:
    execute = channel.unary_unary(sys.argv[2])
    sys.stdout.buffer.write(execute(b"\x0a\x07nothing\x10\x05\x18\x01", timeout=20))
"""


def python_with_grpc():
    """Debian's interpreter has the library, another one that stands before it in the PATH may not."""
    for python in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([python, "-c", "import grpc"], capture_output=True, check=False).returncode == 0:
            return python
    raise unittest.SkipTest("python3-grpcio is not installed")


class Grpc(ServeTest):
    def check_call(self, path, authority="f"):
        python = python_with_grpc()
        service = self.serve()
        service.put("f", command=[THAW_FN])
        words = [python, "-c", GRPC_CALL, f"{service.host}:{service.port}", path, authority]
        call = subprocess.run(words, capture_output=True, timeout=60, check=True)
        self.assertIn(b"\x10", call.stdout)

    def test_the_real_client_executes_a_trace_function(self):
        self.check_call("/faas.Executor/Execute")

    def test_the_path_of_a_grpc_call_may_name_the_function(self):
        self.check_call("/function/f/faas.Executor/Execute", authority="any")


    def test_the_real_client_is_told_of_an_unknown_function(self):
        python = python_with_grpc()
        service = self.serve()
        words = [python, "-c", GRPC_CALL, f"{service.host}:{service.port}", "/faas.Executor/Execute", "nobody"]
        call = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
        self.assertIn("UNIMPLEMENTED", call.stderr)
        self.assertIn('there is no function "nobody"', call.stderr)


class Crashes(ServeTest):
    def fault(self, rules, name="f"):
        """(word of X-Thaw-Error, text) of a call for a fault, and why the log says that the instance went."""
        service = self.serve()
        service.put(name, command=[THAW_FN])
        status, headers, text = service.request("POST", f"/function/{name}?cpu=1", headers={"X-Thaw-Fault": rules})
        self.assertEqual(status, 502)
        service.end()
        events = [json.loads(line) for line in service.events_file.read_text(encoding="utf-8").splitlines()[1:]]
        reasons = [event["reason"] for event in events if event["event"] == "crash"]
        return headers["X-Thaw-Error"], text, reasons

    def test_a_function_that_exits_is_a_crash_with_its_exit_code(self):
        error, text, reasons = self.fault("exit=3")
        self.assertEqual(error, "crash")
        self.assertIn("exit code 3", text)
        self.assertEqual(len(reasons), 1)
        self.assertIn("exit code 3", reasons[0])

    def test_a_function_that_is_killed_is_a_crash_with_its_signal(self):
        error, text, reasons = self.fault("crash")
        self.assertEqual(error, "crash")
        self.assertIn("signal", text)
        self.assertIn("signal", reasons[0])

    def test_a_connection_that_is_reset_is_no_crash(self):
        error, _, reasons = self.fault("reset")
        self.assertEqual(error, "bad-answer")
        self.assertIn("connection", reasons[0])


class Ends(ServeTest):
    def busy(self, service, name="f", ms=600):
        """A call that takes its time; its status comes into the list."""
        statuses = []
        caller = threading.Thread(
            target=lambda: statuses.append(service.request("POST", f"/function/{name}?cpu={ms}&mode=sleep")[0]))
        caller.start()
        harness.wait_until(lambda: service.functions()[name]["instances"]["busy"] == 1, "a busy instance")
        return caller, statuses

    def test_sigterm_waits_for_running_calls(self):
        service = self.serve()
        service.put("f", command=[THAW_FN])
        caller, statuses = self.busy(service)
        service.end()
        caller.join()
        self.assertEqual(statuses, [200])
        self.assertEqual(service.events()[-2:], ["finish f", "stop f"])

    def test_nobody_is_let_in_while_running_calls_end(self):
        service = self.serve()
        service.put("f", command=[THAW_FN])
        caller, statuses = self.busy(service, ms=1500)
        service.process.send_signal(signal.SIGTERM)

        def is_closed():
            try:
                service.request("GET", "/healthz")
            except ConnectionRefusedError:
                return True
            except (ConnectionResetError, http.client.RemoteDisconnected):
                return False  # It was let in before the signal came.
            return False

        harness.wait_until(is_closed, "a closed port")
        self.assertIsNone(service.process.poll())
        caller.join()
        self.assertEqual(statuses, [200])
        self.assertEqual(service.process.wait(30), 0)

    def test_no_process_is_left_after_sigterm(self):
        word = unique("after-term")
        service = self.serve()
        service.put("f", command=[THAW_FN, "--name", word])
        service.call("f")
        self.assertEqual(len(harness.processes_with(word)), 1)
        service.end()
        self.assertEqual(harness.processes_with(word), [])

    def test_no_process_is_left_after_sigkill(self):
        word = unique("after-kill")
        service = self.serve()
        service.put("f", command=[THAW_FN, "--name", word])
        service.put("g", command=["sh", "-c", f"sleep 1000 & exec {THAW_FN} --name {word}"])
        service.call("f")
        service.call("g")
        service.end(signal.SIGKILL, expect=-signal.SIGKILL)
        self.gone(word)

    def test_a_killed_gateway_has_logged_what_it_answered(self):
        service = self.serve()
        service.put("f", command=[THAW_FN])
        for _ in range(3):
            service.call("f")
        service.end(signal.SIGKILL, expect=-signal.SIGKILL)
        self.assertEqual(service.events(), ["start cold f", "finish f"] + 2 * ["start warm f", "finish f"])

    def test_the_next_start_ends_what_gateway_and_guard_have_left(self):
        # A process that was noted by a gateway that is no more; nothing else is going to end it.
        child = subprocess.Popen(["sleep", "1000"], start_new_session=True)
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        ticks = open(f"/proc/{child.pid}/stat", encoding="utf-8").read().rsplit(")", 1)[1].split()[19]
        (self.folder / "state").mkdir()
        (self.folder / "state" / "4194304-1-1.processes").write_text(f"{child.pid} {ticks}\n")
        service = self.serve()
        self.assertEqual(child.wait(10), -signal.SIGKILL)
        self.assertIn("ended 1 processes", service.log.read_text())

    def test_interrupted_it_says_so(self):
        self.serve().end(signal.SIGINT, expect=130)


class SameEvents(ServeTest):
    def test_the_log_is_that_of_the_simulator(self):
        order = "abacbdabcdacbdadbcab"
        memory = {"a": 100, "b": 150, "c": 200, "d": 120}
        simulated = self.simulate(memory, order)
        service = self.serve("--policy", "gd", "--memory", "400MB")
        for name, size in memory.items():
            service.put(name, sandbox="thread", memory=f"{size}MB", init=f"{size - 5}ms", execution="5ms")
        for name in order:
            service.call(name)
        service.end()
        live = [event for event in service.events() if not event.startswith("stop")]
        self.assertEqual(live, simulated)

    def simulate(self, memory, order):
        (self.folder / "p").mkdir()
        (self.folder / "p" / "functions.csv").write_text(
            "function,memory_mb,cold_ms,warm_ms\n" + "".join(f"{f},{m},{m},5\n" for f, m in memory.items()))
        (self.folder / "p" / "invocations.csv").write_text(
            "function,time_ms\n" + "".join(f"{f},{i * 1000}\n" for i, f in enumerate(order)))
        self.thaw("sim", "run", "-q", "--trace", "p", "--policy", "gd", "--memory", "400MB", "--events", "sim.ndjson",
                  "-o", "record")
        words = []
        for line in (self.folder / "sim.ndjson").read_text(encoding="utf-8").splitlines()[1:]:
            event = json.loads(line)
            words.append(" ".join(event[key] for key in ("event", "start", "function") if key in event))
        return words


class Soak(ServeTest):
    def test_descriptors_children_and_memory_stay_where_they_are(self):
        """Short here; bench/serve_soak.sh does a million."""
        service = self.serve("--policy", "lru", "--memory", "300MB")
        for name in "abcdef":
            service.put(name, sandbox="process", command=[THAW_FN], memory="100MB")

        def rounds(count):
            for i in range(count):
                service.call("abcdef"[i * 7 % 6])

        def state():
            pid = service.process.pid
            time.sleep(0.6)  # Connections that have ended are closed within that time.
            status = open(f"/proc/{pid}/status", encoding="utf-8").read()
            resident = int(status.split("VmRSS:")[1].split()[0])
            children = subprocess.run(["ps", "--ppid", str(pid), "-o", "pid="], capture_output=True, text=True,
                                      check=False).stdout.split()
            return len(os.listdir(f"/proc/{pid}/fd")), len(children), resident

        rounds(60)
        before = state()
        rounds(600)
        after = state()
        self.assertLessEqual(after[0], before[0] + 2, "descriptors")
        self.assertLessEqual(after[1], before[1] + 1, "children")
        self.assertLess(after[2], before[2] + 4096, "KiB resident")


if __name__ == "__main__":
    main()
