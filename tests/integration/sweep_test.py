"""Sweeps on this machine: killed, interrupted, resumed, refused."""

import signal
import subprocess

from harness import main
from sweeps import FEW, MANY, MANY_POINTS, TRACES, SweepTest, kill


class LocalSweepTest(SweepTest):
    def test_a_killed_sweep_resumes_to_the_same_bytes(self):
        process = self.start(*MANY, "-j", 1, "-o", "killed", "-q")
        self.wait_for_rows("killed", 50, process)
        kill(process.pid)
        process.communicate()
        self.assertLess(self.rows("killed"), MANY_POINTS)
        _, err = self.sweep("--resume", "killed", "-j", 2)
        self.assertNotIn("warning", err)
        self.assert_equal_records(self.whole(), "killed")

    def test_ctrl_c_keeps_the_rows_and_tells_how_to_go_on(self):
        process = self.start(*MANY, "-j", 1, "-o", "stopped")
        self.wait_for_rows("stopped", 50, process)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 130, err)
        self.assertIn("thaw sim sweep --resume", err)
        self.assertGreaterEqual(self.rows("stopped"), 50)

    def test_two_programs_cannot_write_one_record(self):
        process = self.start(*MANY, "-j", 1, "-o", "held", "-q")
        self.wait_for_rows("held", 10, process)
        _, err = self.sweep("--resume", "held", expect=4)
        self.assertIn("another program is writing this record", err)
        kill(process.pid)
        process.communicate()

    def test_a_resumed_record_can_be_continued_from_another_folder(self):
        self.sweep("--trace", TRACES / "azure2019-20b", "--policy", "gd", "--memory", "1GB,2GB", "-o", "one", "-q")
        (self.folder / "trace").symlink_to(TRACES / "azure2019-20b")
        process = self.start("--trace", "trace", *MANY[2:], "-j", 1, "-o", "two", "-q")
        self.wait_for_rows("two", 10, process)
        kill(process.pid)
        process.communicate()
        elsewhere = self.folder / "elsewhere"
        elsewhere.mkdir()
        self.run_tool(["sh", "-c", "cd elsewhere && exec $0 sim sweep --resume ../two -q", self.env["THAW"]])
        self.assertEqual(self.rows("two"), MANY_POINTS)

    def test_a_damaged_row_is_refused_with_its_line(self):
        self.sweep(*FEW, "-o", "damaged", "-q")
        file = self.folder / "damaged" / "samples.csv"
        lines = file.read_text().splitlines(keepends=True)
        lines[3] = lines[3].replace(",clean,", ",claen,")
        file.write_text("".join(lines))
        _, err = self.sweep("--resume", "damaged", expect=3)
        self.assertIn("samples.csv:4", err)

    def test_a_row_that_was_removed_is_simulated_again(self):
        self.sweep(*FEW, "-o", "whole", "-q")
        self.sweep(*FEW, "-o", "gap", "-q")
        file = self.folder / "gap" / "samples.csv"
        lines = file.read_text().splitlines(keepends=True)
        file.write_text("".join(lines[:4] + lines[5:]))
        self.sweep("--resume", "gap", "-q")
        self.assert_equal_records("whole", "gap")

    def test_a_full_disk_keeps_whole_rows(self):
        words = [self.env["THAW"], "sim", "sweep", *map(str, MANY), "-j", "1", "-o", "full", "-q"]
        limited = self.file("limited", "ulimit -f 60; exec \"$@\"\n")
        done = subprocess.run(["bash", limited, *words], env=self.env, cwd=self.folder, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn("samples.csv", done.stderr)
        self.assertTrue((self.folder / "full" / "samples.csv").read_bytes().endswith(b"\n"))
        self.sweep("--resume", "full", "-q")
        self.assert_equal_records(self.whole(), "full")

    def test_other_options_beside_resume_are_refused(self):
        self.sweep(*FEW, "-o", "done", "-q")
        _, err = self.sweep("--resume", "done", "--policy", "lru", expect=2)
        self.assertIn("--policy cannot be given with --resume", err)

    def test_a_sweep_is_in_the_catalogue(self):
        self.sweep(*FEW, "-o", "listed", "-q")
        out = self.run_tool([self.env["THAW"], "runs", "list", "--format", "csv"])
        self.assertIn(",sim sweep,misc,sim-azure2019-20b,completed,", out)

    def test_the_program_links_no_mpi(self):
        libraries = self.run_tool(["ldd", self.env["THAW"]])
        self.assertIn("libc.so", libraries)
        self.assertNotIn("mpi", libraries)

    def test_an_engine_that_was_not_built_is_explained(self):
        self.env["THAW_LIBEXEC"] = str(self.folder)
        _, err = self.sweep("--engine", "mpi", *FEW, "-o", "none", expect=4)
        self.assertIn("this installation has no MPI engine", err)
        self.assertIn("--engine local", err)

    def test_a_dry_run_writes_nothing(self):
        out, _ = self.sweep(*FEW, "-o", "nothing", "--dry-run", "--format", "csv")
        self.assertEqual(len(out.splitlines()), 13)
        self.assertFalse((self.folder / "nothing").exists())


if __name__ == "__main__":
    main()
