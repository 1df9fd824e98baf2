"""`thaw report` and what draws with it: pages of simulations, figures, timelines, bounds, logs."""

import re

import command
from harness import main

TRACE = command.FIXTURES / "traces" / "azure2019-20b"


class Report(command.CommandTest):
    def sweep(self, *arguments, policy="all", memory="500:2500:500"):
        return self.thaw("sim", "sweep", "-q", "--trace", TRACE, "--policy", policy, "--memory", memory, "-o", "sweep",
                         *arguments)

    def read(self, name):
        return (self.folder / "sweep" / name).read_text(encoding="utf-8")

    def test_a_sweep_with_all_policies_draws_its_page(self):
        self.sweep("--html", "--per-function")
        page = self.read("report.html")
        policies = set(re.findall(r'<td class="text">([^<]+)</td>', page))
        self.assertGreaterEqual(len(policies), 30)
        for figure in ("cold", "dropped", "execution-increase", "hit-ratio", "idle-memory", "slowdown-p99",
                       "behind-best", "functions"):
            self.assertIn(f'<figure id="{figure}">', page)
        self.assertIsNone(re.search(r'(src|href)=|url\(', page))
        self.assertNotIn("nan", page)

    def test_report_writes_the_same_page_and_its_figures(self):
        self.sweep("--html", policy="lru,gd")
        self.thaw("report", "sweep", "-o", "again.html", "--svg", "figures")
        self.assertEqual((self.folder / "again.html").read_text(encoding="utf-8"), self.read("report.html"))
        self.assertTrue((self.folder / "figures" / "hit-ratio.svg").read_text(encoding="utf-8").startswith("<svg "))

    def test_a_timeline_and_bounds_are_drawn(self):
        self.sweep("--html", "--timeline", "--bounds", policy="lru,gd", memory="1000")
        self.assertIn('<figure id="memory">', self.read("report.html"))
        self.assertIn('<figure id="bound">', self.read("report.html"))
        rows = [line.split(",") for line in self.read("memory.csv").splitlines()]
        self.assertEqual(rows[0], ["point", "policy", "memory_mb", "minute", "used_mb", "running_mb"])
        for _, _, _, _, used, running in rows[1:]:
            self.assertLessEqual(float(used), 1000.001)
            self.assertLessEqual(float(running), float(used) + 1000)
        self.assertEqual({row[0] for row in rows[1:]}, {"0", "1"})

    def test_a_timeline_does_not_change_the_results(self):
        self.sweep("--reproducible", policy="lru,gd")
        plain = self.read("samples.csv")
        self.thaw("sim", "sweep", "-q", "--trace", TRACE, "--policy", "lru,gd", "--memory", "500:2500:500", "-o", "timed",
                  "--timeline")
        self.assertEqual((self.folder / "timed" / "samples.csv").read_text(encoding="utf-8"), plain)

    def test_logs_are_written_for_each_point(self):
        for model in ("clean", "faascache"):
            self.thaw("sim", "run", "-q", "--trace", TRACE, "--policy", "lru", "--memory", "1000,2000", "--model", model,
                      "-o", model, "--logs", f"{model}-logs")
            logs = sorted(path.name for path in (self.folder / f"{model}-logs").iterdir())
            self.assertEqual(len(logs), 6, logs)
            for path in (self.folder / f"{model}-logs").glob("*performancelog.csv"):
                self.assertGreater(len(path.read_text(encoding="utf-8").splitlines()), 100_000)

    def test_a_record_of_bench_has_a_page_too(self):
        self.thaw("bench", "-q", "--skip-context", "-r", 6, "-o", "bench", "-n", "one", "--", "true", "---", "-n", "two",
                  "--", "sleep", "0.05")
        self.thaw("report", "bench", "--svg", "figures")
        page = (self.folder / "bench" / "report.html").read_text(encoding="utf-8")
        self.assertRegex(page, r'class="answer">two is .* slower than one in outer_time')
        self.assertIn('<figure id="distribution-outer_time">', page)
        self.assertIsNone(re.search(r'(src|href)=|url\(', page))
        self.assertTrue((self.folder / "figures" / "course-outer_time.svg").exists())

    def test_what_is_no_record_is_refused(self):
        self.thaw("report", "nowhere", expect=4)
        self.thaw("report", expect=2)


if __name__ == "__main__":
    main()
