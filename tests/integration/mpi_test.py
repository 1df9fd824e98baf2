"""The mpi backend against Open MPI."""

import os

from harness import NASTY, IntegrationTest, main, need_program, processes_with, wait_until


class MpiTest(IntegrationTest):
    def setUp(self):
        super().setUp()
        need_program("mpirun", "openmpi-bin")

    def counting_mpirun(self):
        """Every start of mpirun leaves a line; how many there are."""
        real, log = need_program("mpirun", "openmpi-bin"), self.folder / "starts"
        self.tool("mpirun", f"#!/bin/sh\necho start >>{log}\nexec {real} \"$@\"\n")
        return lambda: len(log.read_text().splitlines()) if log.exists() else 0

    def test_copies_are_the_ranks_of_one_mpirun(self):
        starts = self.counting_mpirun()
        outcome = self.bench("-b", "mpi", "--skip-context", "--copies", 4, "--repeat", 2, "--", "true")
        self.assertEqual(starts(), 2)
        self.assertEqual(outcome.column("rank"), ["0", "1", "2", "3"] * 2)
        self.assertEqual(sorted(outcome.numbers("mpi-rank")), [0, 0, 1, 1, 2, 2, 3, 3])
        self.assertEqual(set(outcome.column("hostname")), {os.uname().nodename})
        cores = set(outcome.numbers("core"))
        self.assertTrue(cores <= set(range(os.cpu_count())), cores)

    def test_ranks_share_the_time_of_their_mpirun(self):
        outcome = self.bench("-b", "mpi", "--skip-context", "--copies", 3, "--repeat", 2, "--", "true")
        self.assertEqual([bool(text) for text in outcome.column("outer_time_s")], [True, False, False] * 2)
        self.assertEqual(outcome.result["metrics"]["outer_time"]["n"], 2)

    def test_perf_around_mpi_is_one_mpirun_not_one_for_each_copy(self):
        need_program("perf", "linux-perf")
        starts = self.counting_mpirun()
        outcome = self.bench("-b", "perf", "-b", "mpi", "--skip-context", "--copies", 4, "--repeat", 1, "--", "true")
        self.assertEqual(starts(), 1)
        self.assertEqual(sorted(outcome.numbers("mpi-rank")), [0, 1, 2, 3])
        self.assertGreater(outcome.numbers("cpu_clock")[0], 0)

    def test_mpi_around_perf_counts_every_rank_by_itself(self):
        need_program("perf", "linux-perf")
        outcome = self.bench("-b", "mpi", "-b", "perf", "--skip-context", "--copies", 2, "--repeat", 1, "--", "true")
        self.assertEqual(len(outcome.numbers("page_faults")), 2)
        self.assertEqual(len(outcome.numbers("perf_time")), 2)

    def test_arguments_arrive_unchanged(self):
        program, seen = self.witness()
        for chain in (["mpi"], ["mpi", "memory"], ["memory", "mpi"], ["mpi", "uname", "strace"]):
            with self.subTest(chain=chain):
                layers = [word for name in chain for word in ("-b", name)]
                outcome = self.bench(*layers, "--skip-context", "--repeat", 1, "--", program, *NASTY)
                self.assert_arrived(seen, NASTY, outcome)

    def test_flags_reach_mpirun(self):
        self.tool("where", "#!/bin/sh\nexec grep Cpus_allowed_list: /proc/self/status\n")
        config = self.file("bind.yaml", "backend_options:\n  mpi:\n    mpiflags: --bind-to core --map-by core\n")
        outcome = self.bench("-f", config, "-b", "mpi", "--skip-context", "--copies", 2, "--repeat", 1, "--", "where")
        self.assertEqual(sorted(outcome.column("cpu_affinity")), ["0", "1"])

    def test_a_rank_that_fails_fails_the_repetition(self):
        self.tool("odd", "#!/bin/sh\nexit $((OMPI_COMM_WORLD_RANK * 3))\n")
        outcome = self.bench("-b", "mpi", "--skip-context", "--copies", 2, "--repeat", 1, "--", "odd", expect=5)
        self.assertEqual(set(outcome.column("exit_code")), {"3"})

    def test_timeout_ends_every_rank(self):
        mark = f"thaw-rank-{os.getpid()}"
        program = self.tool("linger", "#!/bin/sh\ntrap '' TERM\nsleep 300 & wait; sleep 300\n")
        outcome = self.bench("-b", "mpi", "--skip-context", "--copies", 2, "--timeout", "1s", "--repeat", 1, "--",
                             program, mark, expect=5)
        self.assertEqual(set(outcome.column("status")), {"timeout"})
        wait_until(lambda: not processes_with(mark), "no rank is left", 5)

    def test_facts_come_through_mpirun(self):
        starts = self.counting_mpirun()
        outcome = self.bench("-b", "mpi", "--repeat", 1, "--", "true")
        self.assertEqual(starts(), 2)
        self.assertEqual(outcome.record["context"]["target"]["system"]["hostname"], os.uname().nodename)

    def test_the_ping_pong_runs_between_two_ranks(self):
        program = os.path.join(os.path.dirname(os.environ["THAW_MICRO"]), "thaw-mpi-pingpong")
        outcome = self.bench("-b", "mpi", "-b", "inner_time", "--skip-context", "--copies", 2, "--repeat", 1, "--",
                             program, 20, 64)
        self.assertGreater(outcome.numbers("inner_time")[0], 0)

    def test_too_few_slots_are_explained(self):
        machines = self.file("machines", "localhost slots=1\n")
        config = self.file("slots.yaml", f"backend_options:\n  mpi:\n    hostfile: {machines}\n"
                                         "    env: {OMPI_MCA_rmaps_base_oversubscribe: '0'}\n")
        outcome = self.bench("-f", config, "-b", "mpi", "--skip-context", "--copies", 2, "--repeat", 1, "--", "true",
                             expect=5)
        self.assertIn("hint: fewer copies, or more slots in the hostfile", outcome.err)


if __name__ == "__main__":
    main()
