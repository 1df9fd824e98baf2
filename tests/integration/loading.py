"""Running `thaw load` in a test, and reading its record."""

import csv
import json
import subprocess

import harness


class LoadingTest(harness.IntegrationTest):
    def start_load(self, *arguments, out="run"):
        words = [harness.THAW, "load", "-q", "--format", "json", "-o", str(self.folder / out), *map(str, arguments)]
        return subprocess.Popen(words, env=self.env, cwd=self.folder, text=True, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def finish(self, process, expect=0, seconds=60):
        stdout, stderr = process.communicate(timeout=seconds)
        self.assertEqual(process.returncode, expect, f"{process.args}\n{stdout}\n{stderr}")
        return json.loads(stdout) if stdout else None

    def load(self, *arguments, out="run", expect=0):
        return self.finish(self.start_load(*arguments, out=out), expect)

    def rows(self, out="run"):
        with open(self.folder / out / "samples.csv", newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def record(self, out="run"):
        return json.loads((self.folder / out / "run.json").read_text(encoding="utf-8"))
