"""Sweeps as array jobs of a real Slurm."""

import os
from pathlib import Path

from harness import main, wait_until
from slurm import Slurm
from sweeps import FEW, FULL, MANY, MANY_POINTS, SweepTest, kill


def tasks_of(record):
    """The processes that compute a part of this record."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if words[1:3] == [b"sim", b"work"] and words[3] == os.fsencode(record):
            found.append(int(folder.name))
    return found


class SlurmSweepTest(SweepTest):
    @classmethod
    def setUpClass(cls):
        cls.slurm = Slurm()
        cls.addClassCleanup(cls.slurm.end)

    def setUp(self):
        super().setUp()
        self.env.update(self.slurm.env)

    def test_an_array_writes_the_same_bytes_as_one_process(self):
        self.sweep(*FEW, "-o", "local", "-q")
        self.sweep("--engine", "slurm", "--points-per-task", 4, "--slurm-options", "--nice=1 --comment='a sweep'",
                   *FEW, "-o", "slurm", "-q")
        self.assert_equal_records("local", "slurm")
        self.assertFalse((self.folder / "slurm" / "parts").exists())

    def test_files_of_servers_and_timelines_are_the_same_too(self):
        self.sweep(*FULL, "-o", "local", "-q")
        self.sweep("--engine", "slurm", "--points-per-task", 2, *FULL, "-o", "slurm", "-q")
        self.assertGreater(self.rows("local", "memory.csv"), 0)
        self.assert_equal_records("local", "slurm")

    def test_a_killed_task_is_submitted_again_by_resume(self):
        record = self.folder / "killed"
        process = self.start("--engine", "slurm", "--points-per-task", MANY_POINTS // 2, *MANY, "-o", "killed")
        parts = record / "parts"
        wait_until(lambda: any(file.read_bytes().count(b"\n") > 50 for file in parts.glob("*/samples.csv")),
                   "a task has rows", 60)
        kill(tasks_of(record)[0])
        _, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 5, err)
        self.assertIn("1 of 2 tasks ended before their points were finished", err)
        self.assertIn("--resume", err)
        done = self.rows("killed")
        self.assertGreater(done, MANY_POINTS // 2)
        self.assertLess(done, MANY_POINTS)
        _, err = self.sweep("--resume", "killed")
        self.assertIn("1 tasks", err)
        self.assert_equal_records(self.whole(), "killed")

    def test_a_sweep_can_be_left_and_collected_later(self):
        self.sweep(*FEW, "-o", "local", "-q")
        out, err = self.sweep("--engine", "slurm", "--no-wait", *FEW, "-o", "left")
        self.assertEqual(out, "")
        self.assertIn("submitted job", err)
        self.sweep("--resume", "left", "-q")
        self.assert_equal_records("local", "left")

    def test_killing_the_waiting_program_leaves_the_tasks_alone(self):
        self.sweep(*FEW, "-o", "local", "-q")
        process = self.start("--engine", "slurm", *FEW, "-o", "alone")
        wait_until(lambda: (self.folder / "alone" / "slurm" / "job.json").exists(), "the job is submitted")
        kill(process.pid)
        process.communicate()
        self.sweep("--resume", "alone", "-q")
        self.assert_equal_records("local", "alone")

    def test_the_error_of_a_task_is_that_of_the_sweep(self):
        _, err = self.sweep("--engine", "slurm", *FEW[2:], "--trace", "absent", "-o", "none", expect=4)
        self.assertEqual(err.count("thaw: error:"), 1, err)
        self.assertIn("absent", err)
        self.assertIn("task 1 of job", err)

    def test_options_that_sbatch_refuses_are_shown(self):
        _, err = self.sweep("--engine", "slurm", "--slurm-options", "--partition=absent", *FEW, "-o", "none", expect=4)
        self.assertIn("sbatch refused the job", err)
        self.assertIn("invalid partition", err)


if __name__ == "__main__":
    main()
