"""What the tests of sweeps share: running `thaw sim sweep`, and comparing records byte by byte."""

import os
import subprocess
import tempfile
from pathlib import Path

from harness import THAW, IntegrationTest, wait_until

TRACES = Path(__file__).resolve().parent.parent / "fixtures" / "traces"
# Points that differ from each other, and enough of them that a sweep can be killed in the middle.
MANY = ["--trace", TRACES / "azure2019-20b", "--policy", "rand,lru", "--memory", "500,1000", "--seed", "1-200"]
MANY_POINTS = 800
FEW = ["--trace", f"{TRACES / 'azure2019-20b'},{TRACES / 'azure2019-20c'}", "--policy", "gd,rand", "--memory",
       "1GB:3GB:1GB", "--per-function"]
# Points whose rows stand in every file that a record can have.
FULL = ["--trace", TRACES / "azure2019-20c", "--policy", "gd,ttl", "--memory", "300,600", "--servers", 2, "--cores", 2,
        "--per-function", "--timeline"]


class SweepTest(IntegrationTest):
    """A test of `thaw sim sweep` in a folder of its own."""

    def setUp(self):
        super().setUp()
        self.env["THAW_RUNS"] = str(self.folder / "runs")

    def start(self, *words, prefix=()):
        return subprocess.Popen([*map(str, prefix), THAW, "sim", "sweep", *map(str, words)], env=self.env,
                                cwd=self.folder, text=True, encoding="utf-8", stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def sweep(self, *words, expect=0, prefix=(), seconds=120):
        """Runs a sweep to its end; its standard output and error."""
        process = self.start(*words, prefix=prefix)
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            self.fail(f"it took longer than {seconds} s\n{out}\n{err}")
        self.assertEqual(process.returncode, expect, f"{words}\n{out}\n{err}")
        return out, err

    def whole(self):
        """The record of MANY without interruption, made once."""
        if not hasattr(SweepTest, "known"):
            SweepTest.known = tempfile.TemporaryDirectory(prefix="thaw-it-")
            self.sweep(*MANY, "-o", f"{SweepTest.known.name}/whole", "-q")
        return f"{SweepTest.known.name}/whole"

    def rows(self, record, name="samples.csv"):
        path = self.folder / record / name
        return max(0, path.read_bytes().count(b"\n") - 1) if path.exists() else 0

    def wait_for_rows(self, record, rows, process):
        def is_reached():
            if process.poll() is not None:
                raise AssertionError(f"it ended before it had {rows} rows\n{process.communicate()}")
            return self.rows(record) >= rows
        wait_until(is_reached, f"{record} has {rows} rows", 60)

    def assert_equal_records(self, one, other):
        for name in ("samples.csv", "functions.csv", "memory.csv", "servers.csv"):
            files = [self.folder / record / name for record in (one, other)]
            self.assertEqual(*[file.exists() for file in files], name)
            if files[0].exists():
                self.assertGreater(self.rows(one, name), 0)
                self.assertTrue(files[0].read_bytes() == files[1].read_bytes(), f"{name} of {one} and {other} differ")


def children_of(pid):
    """The ids of the processes that a process has started."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1]) == pid:
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def rank_of(pid):
    """The number that mpirun gave a process; None for others."""
    try:
        variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return None
    values = [int(value.split(b"=", 1)[1]) for value in variables if value.startswith(b"OMPI_COMM_WORLD_RANK=")]
    return values[0] if values else None


def kill(pid):
    os.kill(pid, 9)
