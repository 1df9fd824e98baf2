"""What the tests of the command line share: any `thaw` command, its output, and a record written so far.

The base class, `bench` and the reading of records are those of the integration tests.
"""

import os
import shlex
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "integration"))

import harness  # noqa: E402

FIXTURES = TESTS / "fixtures"


class CommandTest(harness.IntegrationTest):
    """A test in its own folder, with no configuration of the user around it."""

    def setUp(self):
        super().setUp()
        for name in [name for name in self.env if name.startswith("THAW_") and name != "THAW_SHARE"]:
            del self.env[name]
        self.env["XDG_CONFIG_HOME"] = str(self.folder / "config")

    def thaw(self, *arguments, expect=0, text="", seconds=60, **options):
        """Runs `thaw ARGUMENTS…` with this text on its standard input and checks its exit code."""
        words = [harness.THAW, *map(str, arguments)]
        done = subprocess.run(words, input=text, text=True, encoding="utf-8", capture_output=True, check=False,
                              timeout=seconds, cwd=self.folder, env=self.env, **options)
        self.assertEqual(done.returncode, expect,
                         f"{shlex.join(words)}\n--- stdout\n{done.stdout}\n--- stderr\n{done.stderr}")
        return done

    def quick(self, *arguments, **options):
        """`thaw bench` without facts about the host and without remarks."""
        return self.bench("-q", "--skip-context", *arguments, **options)

    def rows_so_far(self, folder):
        """The finished lines of a samples.csv that may still grow, without its header."""
        path = folder / "samples.csv"
        return path.read_text(encoding="utf-8").splitlines()[1:] if path.exists() else []

    def lines(self, name):
        path = self.folder / name
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def gone(self, token):
        """Waits until no process has the token in its command line or environment."""
        harness.wait_until(lambda: not harness.processes_with(token), f"no process with {token}")

    def assert_hint(self, done, problem, suggestion):
        self.assertIn(problem, done.stderr)
        self.assertIn(suggestion, done.stderr)
        self.assertNotIn("what():", done.stderr)


def unique(word):
    """A word that no other run of the tests has on a command line."""
    return f"{word}-{os.getpid()}"
