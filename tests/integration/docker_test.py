"""The docker backends against a real daemon, with images of a static thaw-micro and of busybox."""

import json

from dockerd import MICRO_IMAGE, SHELL_IMAGE, Dockerd
from harness import NASTY, IntegrationTest, free_port, main, need_root, wait_until
from openssh import Openssh


class DockerTest(IntegrationTest):
    @classmethod
    def setUpClass(cls):
        cls.dockerd = Dockerd()
        cls.addClassCleanup(cls.dockerd.close)
        cls.dockerd.make_images()

    def setUp(self):
        super().setUp()
        if "DOCKER_HOST" in self.dockerd.env:
            self.env["DOCKER_HOST"] = self.dockerd.env["DOCKER_HOST"]
        self.addCleanup(self.dockerd.remove_containers)

    def function(self, name="nope"):
        return self.dockerd.run("fn", "--env", "PORT=8080", "--env", "HOST=0.0.0.0", MICRO_IMAGE, name)

    def args_metrics(self):
        """The arguments that thaw-micro's function `args` shows, one JSON text a line, as the column `args`."""
        return self.file("args.yaml", "metrics:\n  args:\n    description: Arguments\n    type: string\n"
                                      "    extract: {regex: '^(\".*\")$'}\n")

    # docker: a function in a running container, by HTTP

    def test_a_request_goes_to_the_containers_address(self):
        name = self.function("args")
        outcome = self.bench("-f", self.args_metrics(), "-b", "inner_time", "-b", "docker", "--skip-context",
                             "--repeat", 2, "--", name, '["it\'s $HOME * ü"]')
        self.assertEqual(outcome.column("args"), ['"it\'s $HOME * ü"'] * 2)
        self.assertEqual(len(outcome.numbers("inner_time")), 2)

    def test_a_cold_start_restarts_the_container_and_finds_its_new_address(self):
        name = self.function()
        before = self.dockerd.address(name)
        log = self.folder / "restarts"
        # Between stop and start another container takes the address.
        self.tool("docker", f"""#!/bin/sh
real={self.run_tool(['sh', '-c', 'command -v docker']).strip()}
[ "$1" = restart ] || exec $real "$@"
echo "$2" >>{log}
n=$(wc -l <{log})
$real stop -t 1 "$2" && $real run -d --name {name}-squatter$n {SHELL_IMAGE} sleep 1000 && $real start "$2"
""")
        self.dockerd.containers += [f"{name}-squatter{n}" for n in (1, 2)]
        outcome = self.bench("-b", "docker", "--cold", "--skip-context", "--repeat", 2, "--", name)
        self.assertEqual(log.read_text().split(), [name, name])
        self.assertNotEqual(self.dockerd.address(name), before)
        self.assertEqual(outcome.column("status"), ["ok", "ok"])

    def test_a_function_that_refuses_is_a_failed_repetition(self):
        outcome = self.bench("-b", "docker", "--skip-context", "--repeat", 1, "--", self.function("sleep"), "many",
                             expect=5)
        self.assertEqual(outcome.column("status"), ["failed"])

    def test_timeout_restarts_the_container(self):
        name = self.function("sleep")
        started = self.dockerd.docker("inspect", "-f", "{{.State.StartedAt}}", name)
        outcome = self.bench("-b", "docker", "--skip-context", "--timeout", "500ms", "--repeat", 1, "--", name, "[60]",
                             expect=5)
        self.assertEqual(outcome.column("status"), ["timeout"])
        self.assertNotEqual(self.dockerd.docker("inspect", "-f", "{{.State.StartedAt}}", name), started)

    def test_a_container_that_does_not_exist_is_an_error_with_a_hint(self):
        outcome = self.bench("-b", "docker", "--skip-context", "--repeat", 1, "--", "no-such-container", expect=4)
        self.assertIn("no-such-container", outcome.err)
        self.assertIn("docker run -d --name NAME IMAGE", outcome.err)

    # docker-exec: the command inside a running container

    def test_arguments_arrive_unchanged_inside_a_container(self):
        program, seen = self.witness()
        name = self.dockerd.shell_container("exec", "-v", f"{self.folder}:{self.folder}")
        config = self.file("c.yaml", f"backend_options: {{docker-exec: {{placeholders: {{CONTAINER: {name}}}}}}}\n")
        for chain in (["docker-exec"], ["memory", "docker-exec"], ["docker-exec", "uname"],
                      ["perf", "docker-exec", "uname"]):
            with self.subTest(chain=chain):
                layers = [word for layer in chain for word in ("-b", layer)]
                outcome = self.bench("-f", config, *layers, "--skip-context", "--repeat", 1, "--", program, *NASTY)
                self.assert_arrived(seen, NASTY, outcome)

    def test_environment_and_exit_code_pass_through_docker_exec(self):
        name = self.dockerd.shell_container("exec")
        outcome = self.bench("-b", "docker-exec", "--function", name, "--skip-context", "--env", "ANSWER=it's 7",
                             "--repeat", 1, "--", "sh", "-c", '[ "$ANSWER" = "it\'s 7" ] && exit 7', expect=5)
        self.assertEqual(outcome.column("exit_code"), ["7"])

    def test_standard_input_reaches_the_program_in_the_container(self):
        name = self.dockerd.shell_container("exec")
        text = self.file("input", "it's $HOME *\n")
        metric = self.file("m.yaml", "metrics:\n  got:\n    description: x\n    type: string\n"
                                     "    extract: {text_after: 'got:'}\n")
        outcome = self.bench("-f", metric, "-b", "docker-exec", "--function", name, "--skip-context", "--stdin", text,
                             "--repeat", 2, "--", "sed", "s/^/got: /")
        self.assertEqual(outcome.column("got"), ["it's $HOME *"] * 2)

    def test_a_cold_start_of_docker_exec_restarts_the_container(self):
        name = self.dockerd.shell_container("exec", "--stop-timeout", "0")
        started = self.dockerd.docker("inspect", "-f", "{{.State.StartedAt}}", name)
        outcome = self.bench("-b", "docker-exec", "--function", name, "--cold", "--skip-context", "--repeat", 1, "--",
                             "true")
        self.assertEqual(outcome.column("status"), ["ok"])
        self.assertNotEqual(self.dockerd.docker("inspect", "-f", "{{.State.StartedAt}}", name), started)

    def test_facts_come_from_inside_the_container(self):
        name = self.dockerd.shell_container("exec", "--hostname", "inside-the-box")
        outcome = self.bench("-b", "docker-exec", "--function", name, "--repeat", 1, "--", "true")
        context = outcome.record["context"]
        self.assertEqual(context["target"]["system"]["hostname"], "inside-the-box")
        self.assertNotEqual(context["host"]["system"]["hostname"], "inside-the-box")

    def test_arguments_and_resets_go_through_ssh_into_a_container(self):
        need_root("sshd with keys of its own")
        lab = Openssh(self)
        lab.add("alpha", free_port())
        program, seen = self.witness()
        name = self.dockerd.shell_container("exec", "--stop-timeout", "0", "-v", f"{self.folder}:{self.folder}")
        started = self.dockerd.docker("inspect", "-f", "{{.State.StartedAt}}", name)
        config = self.file("c.yaml", f"backend_options: {{docker-exec: {{placeholders: {{CONTAINER: {name}}}}}}}\n")
        outcome = self.bench("-f", lab.hosts_file("alpha"), "-f", config, "-b", "ssh", "-b", "docker-exec", "-b",
                             "uname", "--cold", "--skip-context", "--repeat", 1, "--", program, *NASTY)
        self.assert_arrived(seen, NASTY, outcome)
        self.assertEqual(outcome.column("hostname"), [self.dockerd.docker("inspect", "-f", "{{.Config.Hostname}}", name)])
        self.assertNotEqual(self.dockerd.docker("inspect", "-f", "{{.State.StartedAt}}", name), started)

    def test_an_image_without_a_shell_costs_the_facts_and_nothing_else(self):
        outcome = self.bench("-b", "docker", "--repeat", 1, "--", self.function())
        self.assertIsNone(outcome.record["context"]["target"])
        self.assertIn("no facts about the host behind the backends", outcome.err)

    def test_lack_of_memory_in_a_container_is_told_from_other_failures(self):
        name = self.dockerd.shell_container("small", "--memory", "64m", "--memory-swap", "64m")
        outcome = self.bench("-b", "docker-exec", "--function", name, "--skip-context", "--repeat", 1, "--", "dd",
                             "if=/dev/zero", "of=/dev/null", "bs=300M", "count=1", expect=5)
        self.assertEqual(outcome.column("status"), ["oom"])
        self.assertIn("memory", outcome.err)

    def test_a_kill_that_is_no_lack_of_memory_is_not_called_so(self):
        name = self.dockerd.shell_container("exec")
        outcome = self.bench("-b", "docker-exec", "--function", name, "--skip-context", "--repeat", 1, "--", "sh", "-c",
                             "kill -KILL $$", expect=5)
        self.assertEqual(outcome.column("status"), ["failed"])
        self.assertEqual(outcome.column("exit_code"), ["137"])

    # docker-run: a new container for every repetition

    def test_arguments_reach_the_entry_point_of_a_new_container_unchanged(self):
        outcome = self.bench("-f", self.args_metrics(), "-b", "inner_time", "-b", "docker-run", "--skip-context",
                             "--repeat", 1, "--", MICRO_IMAGE, "args", *NASTY)
        self.assertEqual(len(set(outcome.numbers("inner_time"))), 1)
        arrived = [json.loads(text) for text in outcome.column("args")]
        self.assertEqual(arrived, NASTY)

    def test_every_repetition_is_a_container_of_its_own_and_none_is_left(self):
        outcome = self.bench("-b", "docker-run", "--skip-context", "--copies", 2, "--repeat", 2, "--", MICRO_IMAGE,
                             "nope")
        self.assertEqual(outcome.column("status"), ["ok"] * 4)
        self.assertEqual(self.dockerd.docker("ps", "-aq", "--filter", f"ancestor={MICRO_IMAGE}"), "")

    def test_timeout_removes_the_container(self):
        outcome = self.bench("-b", "docker-run", "--skip-context", "--timeout", "2s", "--repeat", 1, "--", MICRO_IMAGE,
                             "sleep", 60, expect=5)
        self.assertEqual(outcome.column("status"), ["timeout"])
        self.assertEqual(self.dockerd.docker("ps", "-aq", "--filter", f"ancestor={MICRO_IMAGE}"), "")

    def test_an_interrupt_removes_the_container(self):
        process, out = self.start_bench("-b", "docker-run", "--skip-context", "--repeat", 3, "--", MICRO_IMAGE, "sleep",
                                        60)
        wait_until(lambda: self.dockerd.docker("ps", "-q", "--filter", f"ancestor={MICRO_IMAGE}"), "it runs")
        process.send_signal(2)
        stdout, stderr = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 130, stdout + stderr)
        self.assertEqual(self.dockerd.docker("ps", "-aq", "--filter", f"ancestor={MICRO_IMAGE}"), "")
        self.assertTrue((out / "run.json").exists())

    def test_killing_thaw_removes_the_container(self):
        process, _ = self.start_bench("-b", "docker-run", "--skip-context", "--repeat", 3, "--", MICRO_IMAGE, "sleep",
                                      60)
        wait_until(lambda: self.dockerd.docker("ps", "-q", "--filter", f"ancestor={MICRO_IMAGE}"), "it runs")
        process.kill()
        process.communicate(timeout=30)
        wait_until(lambda: not self.dockerd.docker("ps", "-aq", "--filter", f"ancestor={MICRO_IMAGE}"),
                   "the container is gone")

    def test_an_image_that_does_not_exist_is_explained(self):
        outcome = self.bench("-b", "docker-run", "--skip-context", "--repeat", 1, "--", "no-such-image.invalid/x",
                             expect=5)
        self.assertIn("import or pull the image first", outcome.err)


class LostDaemonTest(IntegrationTest):
    def test_rows_before_the_daemon_went_away_are_kept_and_the_message_says_what_to_do(self):
        dockerd = Dockerd(is_private=True, has_network=False)
        self.addCleanup(dockerd.close)
        dockerd.make_images()
        self.env["DOCKER_HOST"] = dockerd.env["DOCKER_HOST"]
        name = dockerd.shell_container("exec", "--network", "none")
        pid = dockerd.process.pid
        outcome = self.bench("-b", "docker-exec", "--function", name, "--skip-context", "--repeat", 4, "--conclude",
                             f"if [ $REPETITION = 2 ]; then kill {pid}; while [ -e {dockerd.folder}/pid ]; do sleep 0.1;"
                             " done; fi", "--", "true", expect=5)
        self.assertEqual(outcome.column("status"), ["ok", "ok", "failed", "failed"])
        self.assertEqual(outcome.result["metrics"]["outer_time"]["n"], 2)
        self.assertEqual(outcome.result["failed"], 2)
        self.assertIn("Cannot connect to the Docker daemon", outcome.err)
        self.assertIn("hint: start dockerd, or set DOCKER_HOST to where it listens", outcome.err)


if __name__ == "__main__":
    main()
