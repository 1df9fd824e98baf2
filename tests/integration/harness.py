"""What the integration tests share: running `thaw bench`, reading its record, and daemons that end with the test.

Each script is one CTest test. It exits 77 when all its tests were skipped; every skip is printed with its reason.
With THAW_NO_SKIP=1 a skip beside passed tests is a failure, because CTest would not show it.
"""

import csv
import http.server
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

THAW = os.environ["THAW"]
THAW_MICRO = os.environ["THAW_MICRO"]

# Arguments that one shell too many or too few would change.
NASTY = ["two words", "it's", '"quoted"', "$HOME", "*", "line\nbreak",
         "Grüße, 世界", "back\\slash", "", "`id`", "a;b&c"]


def need_root(what):
    if os.geteuid() != 0:
        raise unittest.SkipTest(f"{what} needs root")


def need_program(name, package):
    """The path of a program; skips the test when it is not installed."""
    path = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if path is None:
        raise unittest.SkipTest(f"{name} is not installed (apt-get install {package})")
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(holds, what, seconds=20):
    """Waits for a condition that something outside of this process brings about."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"after {seconds} s still not so: {what}")
        time.sleep(0.02)


def listens(port, host="127.0.0.1"):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0


def processes_with(word):
    """The ids of the processes that have this word in their command line or environment, other than this one."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        if int(folder.name) == os.getpid():
            continue
        try:
            words = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
        except OSError:
            continue
        if word.encode() in words:
            found.append(int(folder.name))
    return found


class Outcome:
    """What one `thaw bench` printed and recorded."""

    def __init__(self, process, folder):
        self.code = process.returncode
        self.out = process.stdout
        self.err = process.stderr
        self.folder = folder

    @property
    def result(self):
        return json.loads(self.out)

    @property
    def rows(self):
        with open(self.folder / "samples.csv", newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    @property
    def record(self):
        return json.loads((self.folder / "run.json").read_text(encoding="utf-8"))

    def column(self, name):
        return [row[name] for row in self.rows]

    def numbers(self, name):
        return [float(text) for text in self.column(name) if text]

    def __str__(self):
        return f"exit code {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


class IntegrationTest(unittest.TestCase):
    """A test with its own folder and environment. Daemons that it starts end with it."""

    maxDiff = None

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="thaw-it-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.tools = self.folder / "bin"
        self.tools.mkdir()
        self.env = dict(os.environ)
        self.env["PATH"] = f"{self.tools}:{os.environ['PATH']}:/usr/sbin:/sbin"
        self.env.pop("THAW_TOKEN", None)
        self.runs = 0

    def bench(self, *arguments, expect=0, env=None, seconds=60):
        """Runs `thaw bench --format json ARGUMENTS…` and checks its exit code."""
        process, out = self.start_bench(*arguments, env=env)
        try:
            stdout, stderr = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            stdout, stderr = process.communicate()
            self.fail(f"thaw bench took longer than {seconds} s\n{stdout}\n{stderr}")
        done = subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)
        outcome = Outcome(done, out)
        self.assertEqual(outcome.code, expect, f"{shlex.join(process.args)}\n{outcome}")
        return outcome

    def start_bench(self, *arguments, env=None):
        self.runs += 1
        out = self.folder / f"run{self.runs}"
        words = [THAW, "bench", "--format", "json", "-d", str(self.folder / "runs"), "-o", str(out), *map(str, arguments)]
        process = subprocess.Popen(
            words, env={**self.env, **(env or {})}, cwd=self.folder, text=True, encoding="utf-8",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return process, out

    def file(self, name, text, mode=0o644):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return path

    def tool(self, name, text):
        """Puts an executable script first on PATH."""
        path = self.tools / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)
        return path

    def witness(self):
        """A program that writes its arguments, each ended by a zero byte, into a file; both paths."""
        seen = self.folder / "seen"
        return self.tool("witness", f"#!/bin/sh\nprintf '%s\\0' \"$@\" >{seen}\n"), seen

    def assert_arrived(self, seen, arguments, outcome):
        self.assertTrue(seen.exists(), f"the program was not run\n{outcome}")
        arrived = seen.read_bytes().decode().split("\0")[:-1]
        seen.unlink()
        self.assertEqual(arrived, arguments, str(outcome))

    def run_tool(self, words, **options):
        """Runs a tool of the test itself; its output."""
        done = subprocess.run([str(word) for word in words], env=self.env, cwd=self.folder, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
                              check=False, **options)
        self.assertEqual(done.returncode, 0, f"{words}\n{done.stdout}")
        return done.stdout

    def daemon(self, words, **options):
        """Starts a daemon in the foreground; it is stopped by its process id when the test ends."""
        log = open(self.folder / f"{Path(words[0]).name}.log", "ab")
        self.addCleanup(log.close)
        process = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   env={**self.env, **options.pop("env", {})}, **options)
        self.addCleanup(stop, process)
        return process

    def serve_micro(self, *functions):
        """A thaw-micro that serves; its port."""
        port = free_port()
        self.daemon([THAW_MICRO, "--serve", *functions, "--host", "127.0.0.1", "--port", port])
        wait_until(lambda: listens(port), "thaw-micro listens")
        return port

    def serve(self, handler):
        """An HTTP server for this handler class; its port."""
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server.server_address[1]


def stop(process, seconds=15):
    """Ends a process that a test started, by its id."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class CountingResult(unittest.TextTestResult):
    """Counts the tests that passed: a skipped class is one skip, however many tests it has."""

    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


def main():
    runner = unittest.TextTestRunner(stream=sys.stdout, verbosity=2, resultclass=CountingResult)
    result = unittest.main(exit=False, testRunner=runner).result
    for _, reason in result.skipped:
        print(f"skip: {reason}")
    if not result.wasSuccessful():
        sys.exit(1)
    if result.passed == 0:
        sys.exit(77 if result.skipped else 1)
    if result.skipped and os.environ.get("THAW_NO_SKIP") == "1":
        print("error: this machine was set up to run every test of this script")
        sys.exit(1)
