"""`thaw load` and `thaw report merge` as a user meets them: options, configuration files, exit codes."""

import csv
import http.server
import json
import sys

import command
import harness
from harness import main


class Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


class Accepts(http.server.BaseHTTPRequestHandler):
    """Dirigent's asynchronous calls: an identity at once, the answer to whoever asks with it."""
    protocol_version = "HTTP/1.1"
    asked = []

    def answer(self, body, **headers):
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.answer(f"id-of-{self.headers['Host']}".encode())

    def do_GET(self):
        identity = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.asked.append(identity)
        function = json.dumps({"Status": "OK", "Function": identity, "MachineName": "worker-1", "ExecutionTime": 4000})
        self.answer(function.encode(), Duration_Microseconds="5000")

    def log_message(self, *_):
        pass


class LoadCommand(command.CommandTest):
    def setUp(self):
        super().setUp()
        self.url = f"http://127.0.0.1:{self.serve(Answers)}/"

    def load(self, *arguments, expect=0):
        return self.thaw("load", "-q", *arguments, expect=expect)

    def test_json_has_the_keys_of_its_schema(self):
        done = self.load("--rps", 50, "--duration", "1s", "--iat", "equidistant", "--target", self.url, "--format", "json",
                         "-o", "run")
        result = json.loads(done.stdout)

        self.assertEqual(result["schema"], "thaw.load/1")
        self.assertEqual((result["planned"], result["sent"]), (50, 50))
        self.assertEqual(set(result["response"]), {"mean_ms", "p50_ms", "p90_ms", "p99_ms", "p999_ms", "max_ms"})
        self.assertEqual(set(result["lateness"]), {"p50_us", "p99_us", "max_us"})
        self.assertEqual(result["out"], "run")

    def test_drops_of_the_platform_are_told_from_those_of_the_generator(self):
        done = self.load("--rps", 20, "--duration", "1s", "--iat", "equidistant", "--memory", "200MiB", "--format", "json",
                         "--target", "embedded", "--platform-memory", "100MiB", "-o", "run", expect=5)
        result = json.loads(done.stdout)

        self.assertEqual((result["failed"], result["dropped"]), ({"platform_dropped": 20}, 0))
        text = (self.folder / "run/samples.csv").read_text()
        self.assertEqual(text.count(",503,platform_dropped,"), 20)

    def test_answers_of_asynchronous_calls_are_fetched_afterwards(self):
        url = f"http://127.0.0.1:{self.serve(Accepts)}/"
        done = self.load("--rps", 20, "--duration", "1s", "--iat", "equidistant", "--method", "POST", "--header", "Host: f",
                         "--target", url, "--async-answers", url, "--format", "json", "-o", "run")
        result = json.loads(done.stdout)

        self.assertEqual((result["planned"], result["ok"], result["failed"]), (20, 20, {}))
        self.assertEqual(Accepts.asked, ["id-of-f"] * 20)
        self.assertGreater(result["response"]["p50_ms"], 5)
        for row in csv.DictReader((self.folder / "run/samples.csv").open()):
            self.assertEqual((row["userCodeExecutionMs"], row["actualDuration"], row["instance"]), ("5000", "4000", "worker-1"))
            parts = [int(row[name]) for name in ("timeToSubmitMs", "userCodeExecutionMs", "timeToGetResponseMs")]
            self.assertEqual(sum(parts), int(row["responseTime"]))

    def test_the_record_has_one_row_for_each_invocation(self):
        self.load("--rps", 50, "--duration", "1s", "--iat", "equidistant", "--target", self.url, "-o", "run")

        self.assertEqual(len(self.rows_so_far(self.folder / "run")), 50)
        record = json.loads((self.folder / "run" / "run.json").read_text())
        self.assertEqual((record["command"], record["status"]), ("load", "completed"))
        self.assertEqual(record["configuration"]["rps"], "50")

    def test_a_run_is_repeated_from_its_record(self):
        self.load("--rps", 40, "--duration", "1s", "--iat", "equidistant", "--target", self.url, "-o", "run")
        done = self.load("--repro", "run", "-o", "again", "--format", "json")

        self.assertEqual(json.loads(done.stdout)["planned"], 40)

    def test_what_is_typed_goes_before_the_file(self):
        printed = self.load("--rps", 10, "--duration", "1s", "--iat", "equidistant", "--target", self.url, "--print-config")
        self.file("load.json", printed.stdout)
        done = self.load("--config", "load.json", "--rps", 20, "--no-record", "--format", "json")

        self.assertEqual(json.loads(done.stdout)["planned"], 20)

    def test_without_a_record_nothing_is_written(self):
        done = self.load("--rps", 10, "--duration", "1s", "--target", self.url, "--no-record", "--format", "json")

        self.assertIsNone(json.loads(done.stdout)["out"])
        self.assertFalse((self.folder / "runs").exists())

    def test_csv_has_a_row_for_each_function(self):
        done = self.load("--rps", 20, "--cold-percent", 50, "--cooldown", "1s", "--duration", "1s", "--target", self.url,
                         "--no-record", "--format", "csv", "--per-function")
        names = [line.split(",")[0] for line in done.stdout.splitlines()]

        self.assertEqual(names[:3], ["function", "all", "warm-function-0"])
        self.assertEqual(len(names), 13)

    def test_a_refused_load_is_a_failed_run(self):
        self.load("--rps", 10, "--duration", "1s", "--no-record", "--target", f"http://127.0.0.1:{harness.free_port()}/",
                  expect=5)

    def test_a_condition_that_holds_is_exit_code_6(self):
        done = self.load("--rps", 10, "--duration", "1s", "--no-record", "--target", self.url, "--fail-if", "ok > 5",
                         "--fail-if", "errors > 1%", expect=6)

        self.assertIn("ok > 5, it is 10", done.stderr)
        self.assertNotIn("errors > 1%", done.stderr)

    def test_a_condition_on_what_nobody_measured_is_told(self):
        done = self.thaw("load", "--rps", 10, "--duration", "1s", "--no-record", "--target", self.url, "--fail-if",
                         "slowdown > 5")

        self.assertIn("--fail-if slowdown > 5, there is no such figure", done.stderr)


class LoadUsage(command.CommandTest):
    def check(self, *arguments, problem, hint, expect=2):
        self.assert_hint(self.thaw("load", *arguments, expect=expect), problem, hint)

    def test_it_needs_a_target(self):
        self.check("--rps", 1, "--duration", "1s", problem="nothing says where to send", hint="--target http://")

    def test_it_needs_something_to_send(self):
        self.check("--target", "http://127.0.0.1:1/", problem="nothing says what to send", hint="--rps")

    def test_it_suggests_the_nearest_option(self):
        self.check("--rsp", 1, problem="--rsp", hint="--rps")

    def test_it_refuses_a_condition_without_a_unit(self):
        self.check("--fail-if", "p99 > 200", "--target", "http://h/", problem="p99 > 200", hint="200ms")

    def test_it_refuses_stages_that_are_none(self):
        self.check("--stages", "fast", "--target", "http://h/", problem="fast", hint="100/s for 30s")

    def test_it_refuses_an_unknown_key_of_the_predecessors_file(self):
        self.file("loader.json", json.dumps({"ExperimentDurations": 1}))
        self.check("--config", "loader.json", problem="ExperimentDurations", hint="ExperimentDuration", expect=3)

    def test_a_dry_run_sends_nothing_and_says_what_it_would(self):
        done = self.thaw("load", "--rps", 100, "--duration", "10s", "--iat", "equidistant", "--dry-run", "--format", "json")
        plan = json.loads(done.stdout)

        self.assertEqual((plan["invocations"], plan["most_per_second"]), (1000, 100))
        self.assertEqual(plan["last_s"], 9.99)

    def test_help_has_examples(self):
        done = self.thaw("load", "--help")

        self.assertIn("Examples:", done.stdout)
        self.assertIn("--fail-if", done.stdout)

    def test_merging_needs_records_of_loads(self):
        folder = self.folder / "other"
        folder.mkdir()
        (folder / "run.json").write_text(json.dumps({"schema": "thaw.run/1", "command": "bench", "status": "completed"}))
        done = self.thaw("report", "merge", "other", expect=3)

        self.assertIn("no record of thaw load", done.stderr)


if __name__ == "__main__":
    sys.exit(main())
