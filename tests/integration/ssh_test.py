"""The ssh backend against real sshd processes on loopback."""

import signal

from harness import NASTY, IntegrationTest, free_port, main, need_root, processes_with, wait_until
from openssh import Openssh


class SshTest(IntegrationTest):
    def setUp(self):
        super().setUp()
        need_root("sshd with keys of its own")
        self.lab = Openssh(self)

    def two_hosts(self):
        self.lab.add("alpha", free_port())
        self.lab.add("beta", free_port())
        return self.lab.hosts_file("alpha", "beta")

    def one_host(self):
        self.lab.add("alpha", free_port())
        return self.lab.hosts_file("alpha")

    def where(self):
        """An experiment file with the metric `where`: the host that a copy ran on."""
        self.tool("where", "#!/bin/sh\necho \"where: $LAB_HOST\"\n")
        return self.file("where.yaml", "metrics:\n  where:\n    description: Host\n    type: string\n"
                                       "    extract: {text_after: 'where:'}\n")

    def test_arguments_arrive_unchanged_through_every_chain(self):
        hosts = self.one_host()
        program, seen = self.witness()
        for chain in (["ssh"], ["ssh", "memory"], ["memory", "ssh"], ["perf", "ssh"], ["ssh", "strace"],
                      ["ssh", "uname"], ["ssh", "temps"], ["ssh", "bintime"], ["bintime", "ssh", "memory"],
                      ["ssh", "uname", "strace"], ["ssh", "mpi"], ["mpi", "ssh"]):
            with self.subTest(chain=chain):
                layers = [word for name in chain for word in ("-b", name)]
                outcome = self.bench("-f", hosts, *layers, "--skip-context", "--repeat", 1, "--", program, *NASTY)
                self.assert_arrived(seen, NASTY, outcome)

    def test_environment_reaches_the_remote_program(self):
        program = self.tool("show", "#!/bin/sh\nprintf 'value: %s\\n' \"$GREETING\"\n")
        metric = self.file("m.yaml", "metrics:\n  value:\n    description: x\n    type: string\n"
                                     "    extract: {text_after: 'value:'}\n")
        outcome = self.bench("-f", self.one_host(), "-f", metric, "-b", "ssh", "-b", "memory", "--skip-context",
                             "--env", "GREETING=it's $HOME *", "--repeat", 1, "--", program)
        self.assertEqual(outcome.column("value"), ["it's $HOME *"])

    def test_standard_input_reaches_the_remote_program(self):
        text = self.file("input", "it's $HOME *\n")
        program = self.tool("read-it", "#!/bin/sh\nread -r line\necho \"input-line: $line\"\n")
        metric = self.file("m.yaml", "metrics:\n  input-line:\n    description: x\n    type: string\n"
                                     "    extract: {text_after: 'input-line:'}\n")
        outcome = self.bench("-f", self.one_host(), "-f", metric, "-b", "memory", "-b", "ssh", "-b", "uname",
                             "--skip-context", "--stdin", text, "--repeat", 2, "--", program)
        self.assertEqual(outcome.column("input-line"), ["it's $HOME *"] * 2)

    def test_copies_take_the_hosts_in_turn(self):
        outcome = self.bench("-f", self.two_hosts(), "-f", self.where(), "-b", "ssh", "--skip-context", "--copies", 3,
                             "--repeat", 2, "--", "where")
        self.assertEqual(outcome.column("where"), ["alpha", "beta", "alpha"] * 2)
        self.assertEqual(outcome.column("rank"), ["0", "1", "2"] * 2)

    def test_copies_take_the_hosts_in_turn_also_below_another_backend(self):
        outcome = self.bench("-f", self.two_hosts(), "-f", self.where(), "-b", "memory", "-b", "ssh", "--skip-context",
                             "--copies", 4, "--repeat", 1, "--", "where")
        self.assertEqual(outcome.column("where"), ["alpha", "beta", "alpha", "beta"])

    def test_hosts_come_from_the_command_line_over_the_file(self):
        outcome = self.bench("-f", self.two_hosts(), "-f", self.where(), "-b", "ssh", "--hosts", "beta",
                             "--skip-context", "--copies", 2, "--repeat", 1, "--", "where")
        self.assertEqual(outcome.column("where"), ["beta", "beta"])

    def test_hosts_come_from_a_host_file(self):
        self.two_hosts()
        names = self.file("machines", "beta slots=2  # the fast one\n\n# none\nalpha\n")
        config = self.file("hostfile.yaml", f"backend_options:\n  ssh:\n    hostfile: {names}\n"
                                            f"    placeholders:\n      SSHFLAGS: [-F, {self.lab.config}]\n")
        outcome = self.bench("-f", config, "-f", self.where(), "-b", "ssh", "--skip-context", "--copies", 4,
                             "--repeat", 1, "--", "where")
        self.assertEqual(outcome.column("where"), ["beta", "beta", "alpha", "beta"])

    def backend(self, run):
        """A backend of the user's own, in the predecessor's form: text for a shell."""
        return self.file("mine.yaml", f"backend_options:\n  mine:\n    hosts: alpha,beta\n    run: {run}\n")

    def test_a_backend_of_the_users_own_passes_arguments_through_two_shells(self):
        self.two_hosts()
        program, seen = self.witness()
        config = self.backend(f"ssh -F {self.lab.config} $HOST '$CMD $ARGS'")
        outcome = self.bench("-f", config, "-b", "mine", "--skip-context", "--repeat", 1, "--", program, *NASTY)
        self.assert_arrived(seen, NASTY, outcome)

    def test_hosts_can_be_named_by_number(self):
        self.two_hosts()
        config = self.backend(f"ssh -F {self.lab.config} $HOST1 '$CMD $ARGS'")
        outcome = self.bench("-f", config, "-f", self.where(), "-b", "mine", "--skip-context", "--copies", 2, "--repeat",
                             1, "--", "where")
        self.assertEqual(outcome.column("where"), ["beta", "beta"])

    def test_memory_below_ssh_is_the_memory_of_the_remote_program(self):
        hosts = self.one_host()
        remote = self.bench("-f", hosts, "-b", "ssh", "-b", "memory", "--skip-context", "--repeat", 1, "--", "true")
        client = self.bench("-f", hosts, "-b", "memory", "-b", "ssh", "--skip-context", "--repeat", 1, "--", "true")
        # The ssh client is several times as large as `true`.
        self.assertLess(remote.numbers("max_rss")[0] * 1.5, client.numbers("max_rss")[0])

    def lingering(self):
        """A program that no closed connection ends: a word for its command line, and the file it makes."""
        started = self.folder / "started"
        self.tool("linger", f"#!/bin/sh\ntrap '' HUP TERM PIPE\n>{started}\nsleep 300 & wait; sleep 300\n")
        return f"thaw-remote-{free_port()}", started

    def test_timeout_ends_the_remote_process(self):
        mark, _ = self.lingering()
        outcome = self.bench("-f", self.one_host(), "-b", "ssh", "--skip-context", "--timeout", "1s", "--repeat", 2,
                             "--", "linger", mark, expect=5)
        self.assertEqual(outcome.column("status"), ["timeout", "timeout"])
        wait_until(lambda: not processes_with(mark), "no remote process is left", 5)

    def test_an_interrupt_ends_the_remote_process(self):
        self.end_in_the_middle(signal.SIGINT, 130)

    def test_killing_thaw_ends_the_remote_process(self):
        self.end_in_the_middle(signal.SIGKILL, -signal.SIGKILL)

    def end_in_the_middle(self, number, code):
        mark, started = self.lingering()
        process, _ = self.start_bench("-f", self.one_host(), "-b", "ssh", "--skip-context", "--repeat", 2, "--",
                                      "linger", mark)
        wait_until(started.exists, "the remote process runs")
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
        self.assertEqual(process.returncode, code, errors)
        wait_until(lambda: not processes_with(mark), "no remote process is left", 5)

    def test_exit_code_passes(self):
        self.tool("seven", "#!/bin/sh\nexit 7\n")
        outcome = self.bench("-f", self.one_host(), "-b", "ssh", "--skip-context", "--repeat", 2, "--", "seven",
                             expect=5)
        self.assertEqual(outcome.column("exit_code"), ["7", "7"])
        self.assertEqual(outcome.result["failed"], 2)

    def test_unreachable_host_is_a_failed_repetition_with_a_hint(self):
        self.lab.name_host("gone", "127.0.0.1", free_port())
        outcome = self.bench("-f", self.lab.hosts_file("gone"), "-b", "ssh", "--repeat", 1, "--", "true", expect=5)
        self.assertEqual(outcome.column("exit_code"), ["255"])
        self.assertIn("Connection refused", outcome.err)
        self.assertIn("hint: check that the server runs and listens on this host and port", outcome.err)

    def test_unknown_host_is_named_with_a_hint(self):
        outcome = self.bench("-f", self.lab.hosts_file("no-such-host.invalid"), "-b", "ssh", "--skip-context",
                             "--repeat", 1, "--", "true", expect=5)
        self.assertIn("no-such-host.invalid", outcome.err)
        self.assertIn("hint: check the host's name in --hosts or the hostfile", outcome.err)

    def test_a_key_that_the_host_does_not_accept_is_explained(self):
        hosts = self.one_host()
        (self.folder / "authorized_keys").write_text("")
        outcome = self.bench("-f", hosts, "-b", "ssh", "--skip-context", "--repeat", 1, "--", "true", expect=5)
        self.assertIn("hint: load the key for this host (ssh-add), or name it in ~/.ssh/config", outcome.err)

    def test_a_host_whose_key_changed_is_explained(self):
        hosts = self.one_host()
        port = self.lab.ports["alpha"]
        other = (self.folder / "id.pub").read_text().split()[:2]
        (self.folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {' '.join(other)}\n")
        outcome = self.bench("-f", hosts, "-b", "ssh", "--skip-context", "--repeat", 1, "--", "true", expect=5)
        self.assertIn("the host's key is not the one known so far", outcome.err)
        self.assertIn("ssh-keygen -R HOST", outcome.err)

    def test_rows_before_a_host_went_away_are_kept(self):
        hosts = self.one_host()
        pid = self.folder / "alpha.pid"
        outcome = self.bench("-f", hosts, "-b", "ssh", "--skip-context", "--repeat", 3, "--conclude",
                             f"[ $REPETITION != 1 ] || kill $(cat {pid})",
                             "--", "true", expect=5)
        self.assertEqual(outcome.column("status"), ["ok", "failed", "failed"])
        self.assertEqual(outcome.result["metrics"]["outer_time"]["n"], 1)

    def test_facts_about_the_host_come_through_ssh(self):
        outcome = self.bench("-f", self.one_host(), "-b", "ssh", "--repeat", 1, "--", "true")
        target = outcome.record["context"]["target"]
        self.assertEqual(target["system"]["hostname"], outcome.record["context"]["host"]["system"]["hostname"])
        self.assertGreater(target["cpu"]["processor_count"], 0)


if __name__ == "__main__":
    main()
