"""Two hosts: network namespaces with host names of their own and an sshd in each."""

import os
import subprocess
import unittest

from harness import THAW, THAW_MICRO, IntegrationTest, main, need_program, need_root, processes_with, wait_until
from openssh import Openssh
from sweeps import FEW, MANY, TRACES

# Networks for documentation and for benchmarks (RFC 5737, RFC 2544): one that this machine has no part in is taken.
NETWORKS = ["203.0.113", "198.51.100", "192.0.2", "198.18.77"]


class TwoHostsTest(IntegrationTest):
    @classmethod
    def setUpClass(cls):
        need_root("making network namespaces")
        cls.ip = need_program("ip", "iproute2")
        # Names of interfaces are at most 15 characters long.
        cls.spaces = [f"tit{os.getpid()}n{n}" for n in (1, 2)]
        used = cls.command("-4", "addr") + cls.command("-4", "route")
        free = [network for network in NETWORKS if f"{network}." not in used]
        if len(free) < 2:
            raise unittest.SkipTest("this machine is part of every network that the test may use")
        cls.outside, cls.between = free[:2]
        cls.addresses = [f"{cls.outside}.2", f"{cls.outside}.6"]
        cls.addClassCleanup(cls.remove)
        try:
            for n, space in enumerate(cls.spaces):
                cls.join_host(n, space)
            # A link of their own: traffic through a bridge would meet the packet filter of a docker daemon.
            first, second = cls.spaces
            cls.command("-n", first, "link", "add", "peer", "type", "veth", "peer", "name", "peer", "netns", second)
            for n, space in enumerate(cls.spaces, 1):
                cls.command("-n", space, "addr", "add", f"{cls.between}.{n}/24", "dev", "peer")
                cls.command("-n", space, "link", "set", "peer", "up")
        except subprocess.CalledProcessError as error:
            raise unittest.SkipTest(f"no network namespaces here: {error.stdout.strip()}") from error

    @classmethod
    def join_host(cls, n, space):
        """A namespace with a link to this machine: `outside`.1 or .5 here, `addresses[n]` there."""
        ours = f"{cls.outside}.{4 * n + 1}"
        cls.command("netns", "add", space)
        cls.command("link", "add", f"{space}a", "type", "veth", "peer", "name", "uplink", "netns", space)
        cls.command("addr", "add", f"{ours}/30", "dev", f"{space}a")
        cls.command("link", "set", f"{space}a", "up")
        cls.command("-n", space, "addr", "add", f"{cls.addresses[n]}/30", "dev", "uplink")
        cls.command("-n", space, "link", "set", "lo", "up")
        cls.command("-n", space, "link", "set", "uplink", "up")
        cls.command("-n", space, "route", "add", f"{cls.outside}.0/24", "via", ours)

    @classmethod
    def command(cls, *words):
        return subprocess.run([cls.ip, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=True, timeout=20).stdout

    @classmethod
    def remove(cls):
        # The links go with their namespaces.
        for space in cls.spaces:
            subprocess.run([cls.ip, "netns", "del", space], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, check=False, timeout=20)

    def setUp(self):
        super().setUp()
        need_program("unshare", "util-linux")
        self.lab = Openssh(self)
        for name, space, address in zip(("h1", "h2"), self.spaces, self.addresses):
            self.lab.add(name, 22, address, inside=[
                self.ip, "netns", "exec", space, "unshare", "--uts", "sh", "-c", f'hostname {name}; exec "$@"', "sh"])
        self.hosts = self.lab.hosts_file("h1", "h2")

    def test_copies_run_on_two_hosts_in_turn(self):
        outcome = self.bench("-f", self.hosts, "-b", "ssh", "-b", "uname", "--skip-context", "--copies", 4, "--repeat",
                             2, "--", "true")
        self.assertEqual(outcome.column("hostname"), ["h1", "h2", "h1", "h2"] * 2)

    def test_copies_run_on_two_hosts_in_turn_also_below_another_backend(self):
        outcome = self.bench("-f", self.hosts, "-b", "memory", "-b", "ssh", "-b", "uname", "--skip-context", "--copies",
                             3, "--repeat", 1, "--", "true")
        self.assertEqual(outcome.column("hostname"), ["h1", "h2", "h1"])

    def test_facts_are_those_of_the_first_remote_host(self):
        outcome = self.bench("-f", self.hosts, "-b", "ssh", "--repeat", 1, "--", "true")
        context = outcome.record["context"]
        self.assertEqual(context["target"]["system"]["hostname"], "h1")
        self.assertEqual(context["host"]["system"]["hostname"], os.uname().nodename)

    def test_a_host_that_left_fails_its_copies_and_the_rows_say_so(self):
        outcome = self.bench("-f", self.hosts, "-b", "ssh", "--skip-context", "--copies", 2, "--repeat", 3, "--conclude",
                             f"[ $REPETITION != 1 ] || kill $(cat {self.folder}/h2.pid)", "--", "true", expect=5)
        self.assertEqual(outcome.column("status"), ["ok", "ok"] + ["peer_failed", "failed"] * 2)
        self.assertIn("Connection refused", outcome.err)

    def mpi_words(self):
        """A file with the hosts, and the flags that lead mpirun to them."""
        machines = self.file("machines", "".join(f"{address} slots=1\n" for address in self.addresses))
        agent = self.tool("agent", f"#!/bin/sh\nexec ssh -F {self.lab.config} -i {self.folder}/id \"$@\"\n")
        flags = (f"--mca plm_rsh_agent {agent} --mca oob_tcp_if_include {self.outside}.0/24 "
                 f"--mca btl_tcp_if_include {self.between}.0/24 "
                 "--mca btl tcp,self --mca mpi_yield_when_idle 1 --map-by node")
        return machines, flags

    def mpi_config(self):
        machines, flags = self.mpi_words()
        return self.file("mpi.yaml", f"backend_options:\n  mpi:\n    hostfile: {machines}\n    mpiflags: {flags}\n")

    def test_ranks_run_on_two_hosts(self):
        need_program("mpirun", "openmpi-bin")
        outcome = self.bench("-f", self.mpi_config(), "-b", "mpi", "--skip-context", "--copies", 2, "--repeat", 1,
                             "--", "true")
        self.assertEqual(sorted(outcome.column("hostname")), ["h1", "h2"])
        self.assertEqual(sorted(outcome.numbers("mpi-rank")), [0, 1])

    def test_environment_reaches_the_ranks_on_both_hosts(self):
        need_program("mpirun", "openmpi-bin")
        program = self.tool("show", "#!/bin/sh\nprintf 'value: %s\\n' \"$GREETING\"\n")
        metric = self.file("m.yaml", "metrics:\n  value:\n    description: x\n    type: string\n"
                                     "    extract: {text_after: 'value:'}\n")
        outcome = self.bench("-f", self.mpi_config(), "-f", metric, "-b", "mpi", "--skip-context", "--copies", 2,
                             "--env", "GREETING=it's $HOME *", "--repeat", 1, "--", program)
        self.assertEqual(outcome.column("value"), ["it's $HOME *"] * 2)

    def test_timeout_ends_the_ranks_on_both_hosts(self):
        need_program("mpirun", "openmpi-bin")
        mark = f"thaw-rank-{os.getpid()}"
        program = self.tool("linger", "#!/bin/sh\nsleep 300\n")
        outcome = self.bench("-f", self.mpi_config(), "-b", "mpi", "--skip-context", "--copies", 2, "--timeout", "3s",
                             "--repeat", 1, "--", program, mark, expect=5)
        self.assertEqual(set(outcome.column("status")), {"timeout"})
        wait_until(lambda: not processes_with(mark), "no rank is left", 10)

    def test_messages_go_between_two_hosts(self):
        need_program("mpirun", "openmpi-bin")
        program = os.path.join(os.path.dirname(THAW_MICRO), "thaw-mpi-pingpong")
        outcome = self.bench("-f", self.mpi_config(), "-b", "mpi", "-b", "inner_time", "--skip-context", "--copies", 2,
                             "--repeat", 1, "--", program, 20, 64)
        self.assertGreater(outcome.numbers("inner_time")[0], 0)
        self.assertEqual(sorted(set(outcome.column("hostname"))), ["h1", "h2"])

    def mpi_sweep(self, *words, program=()):
        """Runs `thaw sim sweep --engine mpi` with a rank on each host."""
        machines, flags = self.mpi_words()
        mpirun = need_program("mpirun", "openmpi-bin")
        return subprocess.run(
            [mpirun, "--allow-run-as-root", "--hostfile", machines, *flags.split(), "-n", "2", *program, THAW, "sim",
             "sweep", "--engine", "mpi", *map(str, words)], env=self.env, cwd=self.folder, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)

    def test_a_sweep_over_two_hosts_writes_the_same_bytes(self):
        self.run_tool([THAW, "sim", "sweep", *FEW, "-o", "local", "-q"])
        done = self.mpi_sweep(*FEW, "-o", self.folder / "hosts", "-q")
        self.assertEqual(done.returncode, 0, done.stderr)
        for name in ("samples.csv", "functions.csv"):
            self.assertEqual(*[(self.folder / record / name).read_bytes() for record in ("local", "hosts")])

    def test_a_trace_that_one_host_lacks_is_an_error_with_host_and_path(self):
        for rank in (0, 1):
            (self.folder / f"rank{rank}").mkdir()
        (self.folder / "rank0" / "trace").symlink_to(TRACES / "azure2019-20b")
        enter = self.tool("enter", f"#!/bin/sh\ncd {self.folder}/rank$OMPI_COMM_WORLD_RANK && exec \"$@\"\n")
        done = self.mpi_sweep("--trace", "/proc/self/cwd/trace", *MANY[2:], "-o", self.folder / "hosts",
                              program=[enter])
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn("(rank 1 on h2)", done.stderr)
        self.assertIn("/proc/self/cwd/trace", done.stderr)


if __name__ == "__main__":
    main()
