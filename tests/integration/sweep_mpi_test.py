"""Sweeps over the ranks of mpirun."""

import subprocess

from harness import main, need_program, wait_until
from sweeps import FEW, FULL, MANY, MANY_POINTS, TRACES, SweepTest, children_of, kill, rank_of


class MpiSweepTest(SweepTest):
    def setUp(self):
        super().setUp()
        self.mpirun = need_program("mpirun", "openmpi-bin")
        if "no MPI engine" in self.sweep_without_check("--engine", "mpi", *FEW, "-o", "probe", "-q"):
            self.skipTest("thaw was built without MPI (apt-get install libopenmpi-dev)")
        self.env.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
                        OMPI_MCA_rmaps_base_oversubscribe="1")

    def sweep_without_check(self, *words):
        process = self.start(*words)
        return process.communicate(timeout=60)[1]

    def ranks(self, number):
        return [self.mpirun, "-n", number]

    def test_two_ranks_write_the_same_bytes_as_one_process(self):
        self.sweep(*FEW, "-o", "local", "-q")
        out, _ = self.sweep("--engine", "mpi", *FEW, "-o", "mpi", "-q", "--format", "csv", prefix=self.ranks(2))
        self.assertEqual(len(out.splitlines()), 13, "only rank 0 prints")
        self.assert_equal_records("local", "mpi")

    def test_files_of_servers_and_timelines_are_the_same_too(self):
        self.sweep(*FULL, "-o", "local", "-q")
        self.sweep("--engine", "mpi", *FULL, "-o", "mpi", "-q", prefix=self.ranks(2))
        self.assertGreater(self.rows("local", "servers.csv"), 0)
        self.assert_equal_records("local", "mpi")

    def test_streamed_traces_give_the_same_bytes(self):
        self.sweep(*FEW, "-o", "local", "-q")
        self.sweep("--engine", "mpi", *FEW, "--stream-above", 0, "-j", 2, "-o", "mpi", "-q", prefix=self.ranks(3))
        self.assert_equal_records("local", "mpi")

    def test_every_rank_computes(self):
        process = self.start("--engine", "mpi", *MANY, "-o", "shared", "-q", prefix=self.ranks(2))
        self.wait_for_rows("shared", 50, process)
        spent = {rank_of(pid): sum(map(int, open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[11:13]))
                 for pid in children_of(process.pid)}
        process.communicate(timeout=60)
        self.assertEqual(set(spent), {0, 1})
        self.assertGreater(min(spent.values()), 0)

    def test_a_killed_rank_leaves_a_record_that_resumes_to_the_same_bytes(self):
        for rank in (1, 0):
            with self.subTest(rank=rank):
                record = f"killed{rank}"
                process = self.start("--engine", "mpi", *MANY, "-o", record, "-q", prefix=self.ranks(2))
                self.wait_for_rows(record, 50, process)
                kill(next(pid for pid in children_of(process.pid) if rank_of(pid) == rank))
                process.communicate(timeout=60)
                self.assertNotEqual(process.returncode, 0)
                self.assertLess(self.rows(record), MANY_POINTS)
                self.sweep("--engine", "mpi", "--resume", record, "-q", prefix=self.ranks(2))
                self.assert_equal_records(self.whole(), record)

    def test_a_trace_that_a_rank_cannot_read_is_one_error_with_its_exit_code(self):
        _, err = self.sweep("--engine", "mpi", *FEW[2:], "--trace", "absent", "-o", "none", expect=4,
                            prefix=self.ranks(2))
        self.assertEqual(err.count("thaw: error:"), 1, err)
        self.assertIn("absent", err)

    def test_a_trace_that_only_another_rank_lacks_names_rank_and_host(self):
        # Rank 1 sees the trace through a folder that only rank 0 has.
        wrapper = self.tool("ranked", "#!/bin/sh\ncd \"$PWD/rank$OMPI_COMM_WORLD_RANK\" && exec \"$@\"\n")
        for rank in (0, 1):
            (self.folder / f"rank{rank}").mkdir()
        (self.folder / "rank0" / "trace").symlink_to(TRACES / "azure2019-20b")
        # The path is relative to the folder of rank 0, which rank 1 can enter only by this name.
        process = subprocess.run(
            [self.mpirun, "-n", "2", wrapper, self.env["THAW"], "sim", "sweep", "--engine", "mpi", "--trace",
             "/proc/self/cwd/trace", "--policy", "rand", "--memory", "500", "--seed", "1-100", "-o",
             str(self.folder / "half")],
            env=self.env, cwd=self.folder, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=60, check=False)
        self.assertEqual(process.returncode, 4, process.stderr)
        self.assertIn("(rank 1 on ", process.stderr)
        self.assertIn("/proc/self/cwd/trace", process.stderr)

    def test_bad_words_are_refused_once(self):
        _, err = self.sweep("--engine", "mpi", "--tracee", "x", expect=2, prefix=self.ranks(2))
        self.assertEqual(err.count("thaw: error:"), 1, err)

    def test_terminating_mpirun_keeps_the_rows(self):
        process = self.start("--engine", "mpi", *MANY, "-o", "ended", "-q", prefix=self.ranks(2))
        self.wait_for_rows("ended", 50, process)
        ranks = children_of(process.pid)
        process.terminate()
        process.communicate(timeout=60)
        wait_until(lambda: not any(rank_of(pid) is not None for pid in ranks), "no rank is left")
        self.assertGreaterEqual(self.rows("ended"), 50)


if __name__ == "__main__":
    main()
