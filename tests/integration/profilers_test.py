"""The backends that observe a program on this machine, with the real tools."""

import os
import sys
import tempfile
from pathlib import Path

from harness import NASTY, THAW, THAW_MICRO, IntegrationTest, main, need_program, need_root

SENSORS = """coretemp-isa-0000
Adapter: ISA adapter
Package id 0:  +45.0°C  (high = +80.0°C, crit = +100.0°C)
Core 0:        +43.0°C  (high = +80.0°C, crit = +100.0°C)
Core 4:        +44.5°C  (high = +80.0°C, crit = +100.0°C)

nvme-pci-0100
Adapter: PCI adapter
Composite:    +33.9°C  (low  = -273.1°C, high = +81.8°C)
"""

MPIP_REPORT = """@ mpiP
@ Command : solve
@--- Callsite Time statistics (all, milliseconds): 6 -----------------
Name              Site Rank  Count      Max     Mean      Min   App%   MPI%
Send                 1    0     10        4        2        1   1.00  10.00
Send                 2    0     30        9        6        3   1.00  10.00
Send                 1    *     40        9        5        1   1.00  10.00
@--- Callsite Message Sent statistics (all, sent bytes) --------------
Name              Site Rank   Count       Max      Mean       Min       Sum
Send                 1    0      10      2048      1024       512     10240
"""


class ProfilersTest(IntegrationTest):
    def measured(self, *arguments, repeat=2, **options):
        return self.bench(*arguments[:-1], "--skip-context", "--repeat", repeat, "--", *arguments[-1], **options)

    def test_arguments_arrive_unchanged_below_every_tool(self):
        program, seen = self.witness()
        chains = [["local"], ["perf"], ["strace"], ["memory"], ["time"], ["bintime"], ["uname"], ["temps"],
                  ["inner_time"], ["perf", "strace"], ["uname", "strace"], ["memory", "perf", "temps"]]
        for chain in chains:
            with self.subTest(chain=chain):
                layers = [word for layer in chain for word in ("-b", layer)]
                outcome = self.measured(*layers, [program, *NASTY], repeat=1)
                self.assert_arrived(seen, NASTY, outcome)

    def test_exit_code_passes_through_every_tool(self):
        program = self.tool("three", "#!/bin/sh\nexit 3\n")
        for layer in ("perf", "strace", "memory", "time", "uname", "temps"):
            with self.subTest(layer=layer):
                outcome = self.measured("-b", layer, [program], repeat=1, expect=5)
                self.assertEqual(outcome.column("exit_code"), ["3"])

    def test_a_signal_passes_through_perf(self):
        program = self.tool("hit", "#!/bin/sh\nkill -SEGV $$\n")
        for layers in (["-b", "perf"], ["-b", "mpi", "-b", "perf"]):
            with self.subTest(layers=layers):
                outcome = self.measured(*layers, [program], repeat=1, expect=5)
                self.assertEqual(outcome.column("exit_code"), ["139"])

    def test_perf_counts_events_and_leaves_out_what_the_machine_cannot_count(self):
        need_program("perf", "linux-perf")
        outcome = self.measured("-b", "perf", [THAW_MICRO, "matmul", "120"])
        outer = outcome.numbers("outer_time_s")
        for inside, outside in zip(outcome.numbers("perf_time"), outer):
            self.assertTrue(0 < inside < outside, (inside, outside))
        for name in ("page_faults", "context_switches", "cpu_migrations", "emulation_faults", "cpu_clock"):
            self.assertEqual(len(outcome.numbers(name)), 2, name)
        self.assertGreater(min(outcome.numbers("page_faults")), 10)
        # Milliseconds of processor time in a program of one thread.
        self.assertLess(max(outcome.numbers("cpu_clock")), max(outer) * 1000)
        for name in ("cache_misses", "branch_misses", "dTLB_misses", "iTLB_misses", "L1_icache_load_misses",
                     "L1_dcache_load_misses", "LLC_misses", "node_misses", "clock_rate"):
            metric = outcome.result["metrics"][name]
            self.assertTrue(metric is None or metric["n"] == 0 or metric["min"] > 0, (name, metric))

    def test_strace_tells_the_wall_time_in_each_system_call(self):
        need_program("strace", "strace")
        outcome = self.measured("-b", "strace", ["sleep", "0.2"])
        for seconds in outcome.numbers("clock_nanosleep"):
            self.assertTrue(0.2 <= seconds < 1, seconds)
        self.assertEqual(len(outcome.numbers("execve")), 2)

    def test_memory_is_that_of_the_program(self):
        program = self.tool("eat", "#!/bin/sh\nexec head -c 100000000 /dev/zero | tail -c 50000000 >/dev/null\n")
        outcome = self.measured("-b", "memory", [program])
        for kilobytes in outcome.numbers("max_rss"):
            self.assertTrue(48_000 < kilobytes < 120_000, kilobytes)

    def test_gnu_time_gives_all_its_numbers_under_both_names(self):
        for name in ("time", "bintime"):
            with self.subTest(name=name):
                outcome = self.measured("-b", name, ["sleep", "0.1"], repeat=1)
                self.assertTrue(0.1 <= outcome.numbers("wall_time")[0] < 0.5)
                for metric in ("sys_time", "major_page_faults", "minor_page_faults", "max_rss", "percent_cpu",
                               "involuntary_context_switches", "voluntary_context_switches"):
                    self.assertEqual(len(outcome.numbers(metric)), 1, metric)
                self.assertGreater(outcome.numbers("max_rss")[0], 500)
                self.assertGreaterEqual(outcome.numbers("voluntary_context_switches")[0], 1)

    def test_uname_tells_host_and_kernel(self):
        outcome = self.measured("-b", "uname", ["true"])
        self.assertEqual(outcome.column("hostname"), [os.uname().nodename] * 2)
        self.assertEqual(outcome.column("kernel"), [os.uname().release] * 2)

    def test_temps_reads_what_sensors_prints(self):
        self.tool("sensors", f"#!/bin/sh\ncat <<'TEXT'\n{SENSORS}TEXT\n")
        outcome = self.measured("-b", "temps", ["true"])
        self.assertEqual(outcome.numbers("package_temp_0"), [45, 45])
        self.assertEqual(outcome.numbers("core_temp_0_0"), [43, 43])
        self.assertEqual(outcome.numbers("core_temp_0_4"), [44.5, 44.5])

    def test_temps_on_a_machine_without_sensors_measures_the_rest(self):
        self.tool("sensors", "#!/bin/sh\necho 'No sensors found!' >&2\nexit 1\n")
        outcome = self.measured("-b", "temps", ["true"])
        self.assertEqual(outcome.column("status"), ["ok", "ok"])
        self.assertFalse([name for name in outcome.rows[0] if "_temp_" in name])

    def test_temps_runs_with_the_sensors_of_this_machine(self):
        need_program("sensors", "lm-sensors")
        self.assertEqual(self.measured("-b", "temps", ["true"]).column("status"), ["ok", "ok"])

    def test_inner_time_is_what_the_function_says(self):
        outcome = self.measured("-b", "inner_time", [THAW_MICRO, "sleep", "0.05"])
        for inner, outer in zip(outcome.numbers("inner_time"), outcome.numbers("outer_time_s")):
            self.assertTrue(0.05 <= inner < outer, (inner, outer))

    def test_inner_time_of_a_function_that_says_nothing_is_null_and_not_0(self):
        outcome = self.measured("-b", "inner_time", ["true"])
        self.assertEqual(outcome.column("inner_time"), ["", ""])
        self.assertIn("no output shows inner_time: missing (null), not 0", outcome.err)

    def test_mpip_reads_the_report_that_its_library_wrote(self):
        need_program("mpirun", "openmpi-bin")
        report = self.file("report.mpiP", MPIP_REPORT)
        # Stands in for an MPI program: mpiP is no Debian package. MPIP holds "-k 1 -f FOLDER".
        program = self.tool("solve", f"#!/bin/sh\ncase $LD_PRELOAD in */libc.so.6) ;; *) exit 9 ;; esac\n"
                                     f"cp {report} \"${{MPIP##* }}/solve.1.mpiP\"\n")
        library = self.run_tool(["sh", "-c", "ldd /bin/sh | awk '/libc.so.6/ { print $3 }'"]).strip()
        outcome = self.measured("-b", "mpip", [program], repeat=1, env={"MPIP_LIBRARY": library})
        self.assertEqual(outcome.numbers("time_mean_Send"), [5])
        self.assertEqual(outcome.numbers("time_count_Send"), [40])
        self.assertEqual(outcome.numbers("msg_mean_Send"), [1024])
        self.assertEqual(outcome.column("hostname"), [os.uname().nodename])

    def test_mpip_without_its_library_says_what_to_set(self):
        need_program("mpirun", "openmpi-bin")
        outcome = self.measured("-b", "mpip", ["true"], repeat=1, expect=5, env={"MPIP_LIBRARY": ""})
        self.assertIn("set MPIP_LIBRARY to the path of libmpiP.so", outcome.err)

    def test_a_tool_that_is_not_installed_is_named_with_its_package(self):
        self.tool("env", "#!/bin/sh\n")
        outcome = self.measured("-b", "strace", ["/bin/true"], expect=4, env={"PATH": str(self.tools)})
        self.assertIn('backend "strace" needs the program "strace", which is not installed', outcome.err)
        self.assertIn("apt-get install strace", outcome.err)


class LocalTest(IntegrationTest):
    def test_a_cold_start_drops_the_kernels_file_cache(self):
        need_root("dropping the file cache")
        if not os.access("/proc/sys/vm/drop_caches", os.W_OK):
            self.skipTest("/proc/sys/vm/drop_caches cannot be written here")
        # The build folder is on a disk; the temporary one may be in memory.
        with tempfile.NamedTemporaryFile(dir=Path(THAW).parent, prefix=".cold-") as data:
            data.write(b"x" * (8 << 20))
            data.flush()
            program = self.tool("touch-all", f"""#!{sys.executable}
import mmap, resource
with open("{data.name}", "rb") as file:
    pages = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
before = resource.getrusage(resource.RUSAGE_SELF).ru_majflt
sum(pages[::4096])
print("disk:", resource.getrusage(resource.RUSAGE_SELF).ru_majflt - before)
""")
            metric = self.file("m.yaml", "metrics:\n  disk:\n    description: Page faults that needed a disk\n"
                                         "    extract: {last_field: 'disk:'}\n")
            warm = self.bench("-f", metric, "--skip-context", "--warm", "--repeat", 3, "--", program)
            cold = self.bench("-f", metric, "--skip-context", "--cold", "--repeat", 3, "--", program)
        self.assertEqual(cold.column("status"), ["ok"] * 3)
        self.assertEqual(min(warm.numbers("disk")), 0)
        self.assertGreater(max(cold.numbers("disk")), 0)

    def test_a_reset_that_fails_is_a_failed_repetition(self):
        config = self.file("r.yaml", "backend_options:\n  local:\n    reset: [[sh, -c, 'echo no >&2; exit 1']]\n")
        outcome = self.bench("-f", config, "--skip-context", "--cold", "--repeat", 2, "--", "true", expect=5)
        self.assertEqual(outcome.column("status"), ["reset_failed"] * 2)

    def test_lack_of_memory_in_a_control_group_is_told_from_other_failures(self):
        need_root("a control group of its own")
        group = f"/sys/fs/cgroup/memory/thaw-it-{os.getpid()}"
        try:
            os.mkdir(group)
        except OSError as error:
            self.skipTest(f"no memory control group (version 1) can be made: {error}")
        self.addCleanup(os.rmdir, group)
        for name in ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"):
            if os.path.exists(f"{group}/{name}"):
                with open(f"{group}/{name}", "w", encoding="ascii") as file:
                    file.write(str(64 << 20))
        program = self.tool("greedy", f"#!/bin/sh\necho $$ >{group}/tasks\n"
                                      "exec dd if=/dev/zero of=/dev/null bs=300M count=1\n")
        outcome = self.bench("--skip-context", "--repeat", 2, "--", program, expect=5)
        self.assertEqual(outcome.column("status"), ["oom"] * 2)
        self.assertIn("the kernel killed it for lack of memory", outcome.err)


if __name__ == "__main__":
    main()
