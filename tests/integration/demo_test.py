"""The demo in short: a platform inside `thaw load`, `thaw sim validate`, and the page that shows both."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import harness
from harness import THAW, main

PROJECT = Path(os.environ["THAW_SHARE"]).parents[1]
TRACE = Path(os.environ["THAW_SHARE"]) / "examples/azure2019-busiest-hour"


class DemoTest(harness.IntegrationTest):
    def run_thaw(self, *arguments, expect=0):
        done = subprocess.run([THAW, *map(str, arguments)], env=self.env, cwd=self.folder, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120,
                              check=False)
        self.assertEqual(done.returncode, expect, f"{done.args}\n{done.stdout}\n{done.stderr}")
        return done

    def replay(self, policy, out, *further):
        """Five minutes of the example in 2.5 s."""
        done = self.run_thaw("load", "-q", "--format", "json", "--trace", TRACE, "--to", "5m", "--speedup", 120, "--target",
                             "embedded", "--policy", policy, "--platform-memory", "1GB", "-o", out, *further)
        return json.loads(done.stdout)

    def validate(self, *arguments, expect=0):
        done = self.run_thaw("sim", "validate", *arguments, "--format", "json", expect=expect)
        return json.loads(done.stdout)

    def events(self, out, name="events.ndjson"):
        return [json.loads(line) for line in (self.folder / out / name).read_text(encoding="utf-8").splitlines()]


class Embedded(DemoTest):
    def test_the_platform_serves_every_invocation_or_drops_it(self):
        result = self.replay("lru", "run")
        events = self.events("run")[1:]
        starts = [event for event in events if event["event"] == "start"]
        drops = [event for event in events if event["event"] == "drop"]

        self.assertEqual(len(starts) + len(drops), result["planned"])
        self.assertEqual(result["ok"], len(starts))
        self.assertEqual(result["failed"], {"platform_dropped": len(drops)} if drops else {})
        self.assertEqual(result["cold"], sum(event["start"] == "cold" for event in starts))

    def test_it_is_called_over_grpc_too(self):
        done = self.run_thaw("load", "-q", "--format", "json", "--rps", 50, "--duration", "1s", "--iat", "equidistant",
                             "--runtime", "2ms", "--target", "embedded", "--protocol", "grpc", "-o", "grpc")
        result = json.loads(done.stdout)

        self.assertEqual((result["ok"], result["failed"]), (50, {}))
        self.assertGreaterEqual(result["service"]["p50_ms"], 2)

    def test_the_budget_is_kept(self):
        self.replay("gd", "run")

        self.assertLessEqual(max(event.get("used_mb", 0) for event in self.events("run")), 1000)

    def test_the_record_says_who_served_it(self):
        self.replay("gd", "run")
        platform = json.loads((self.folder / "run/run.json").read_text(encoding="utf-8"))["context"]["platform"]

        self.assertEqual((platform["kind"], platform["policy"], platform["memory_mb"], platform["speedup"]),
                         ("embedded", "gd", 1000, 120))
        self.assertEqual(len(platform["functions"]), 15)

    def test_slowdown_refers_to_the_execution_at_the_speed_of_the_run(self):
        slowdown = self.replay("lru", "run")["slowdown"]

        # No answer comes before its function has executed, and with room enough few wait long.
        self.assertGreaterEqual(slowdown["harmonic_mean"], 1)
        self.assertLess(slowdown["harmonic_mean"], 5)

    def test_no_process_is_left(self):
        self.replay("lru", "run")

        # Its helpers see that it has ended a moment after it has.
        harness.wait_until(lambda: not harness.processes_with(str(self.folder)), "the helpers have ended")

    def test_a_rate_has_a_platform_too(self):
        done = self.run_thaw("load", "-q", "--format", "json", "--rps", 50, "--duration", "1s", "--iat", "equidistant",
                             "--runtime", "2ms", "--target", "embedded", "--policy", "ttl:1m", "-o", "run")

        self.assertEqual(json.loads(done.stdout)["ok"], 50)
        self.assertEqual(self.validate("run")["runs"][0]["measured"]["failed"], 0)

    def test_its_options_need_it(self):
        self.run_thaw("load", "--rps", 1, "--duration", "1s", "--target", "http://127.0.0.1:9/", "--policy", "gd", expect=2)


class Validate(DemoTest):
    def test_every_invocation_is_compared_and_every_difference_has_a_reason(self):
        result = self.replay("gd", "run")
        run = self.validate("run")["runs"][0]

        self.assertEqual(run["invocations"], result["planned"])
        self.assertEqual(sum(run["measured"].values()), result["planned"])
        self.assertEqual(run["measured"]["cold"], result["cold"])
        self.assertEqual(sum(run["simulated"].values()), result["planned"])
        self.assertEqual(sum(reason["cold"] for reason in run["reasons"]),
                         run["measured"]["cold"] - run["simulated"]["cold"])
        self.assertEqual(run["difference_pct"],
                         100 * abs(run["measured"]["cold"] - run["simulated"]["cold"]) / result["planned"])

    def test_the_simulation_is_that_of_thaw_sim(self):
        self.replay("lru", "run")
        simulated = self.validate("run")["runs"][0]["simulated"]
        done = self.run_thaw("sim", "run", "--trace", TRACE, "--to", "5m", "--policy", "lru", "--memory", "1GB", "--format",
                             "ndjson", "-o", "sim")
        expected = json.loads(done.stdout)

        self.assertEqual((simulated["cold"], simulated["dropped"]), (expected["cold"], expected["dropped"]))

    def test_a_limit_is_an_exit_code(self):
        self.replay("lru", "run")

        self.validate("run", "--fail-if", "differing > -1%", expect=6)

    def test_another_record_is_refused(self):
        self.run_thaw("bench", "--repeat", 1, "-o", "bench", "--", "true")
        self.run_thaw("sim", "validate", "bench", expect=3)


class Page(DemoTest):
    def test_the_demo_ends_with_one_page_for_all_policies(self):
        build = Path(THAW).parents[2]
        runs = self.folder / "demo"
        environment = {**os.environ, "DEMO_SPEEDUP": "720", "DEMO_POLICIES": "ttl:830ms gd", "DEMO_RUNS": str(runs)}
        done = subprocess.run([PROJECT / "tools/demo", build], env=environment, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        page = (runs / "report.html").read_text(encoding="utf-8")

        self.assertIn(str(runs / "report.html"), done.stdout)
        self.assertNotRegex(page, r"(src|href)=\"https?://")
        for text in ["Cold starts over time", "Memory over time: gd", "Memory over time: ttl:830ms", "Response time",
                     "Lateness of the generator", "Why they differ", "thaw load --trace"]:
            with self.subTest(text=text):
                self.assertIn(text, page)
        self.assertTrue(re.search(r"The counts differ by at most [0-9.e-]+ % of the invocations", page))
        for record in ["ttl-830ms", "gd"]:
            self.assertTrue((runs / record / "simulated.ndjson").exists())


if __name__ == "__main__":
    sys.exit(main())
