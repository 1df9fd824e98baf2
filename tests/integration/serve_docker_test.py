"""`thaw serve` with containers of a real daemon: cold and warm, pause, limits, crashes, kills, and a daemon that restarts."""

import os
import signal
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "cli"))

from dockerd import Dockerd, archive  # noqa: E402
from harness import main, wait_until  # noqa: E402
from serving import THAW_FN, ServeTest  # noqa: E402

IMAGE = f"thaw-it-fn-{os.getpid()}"


class ServeDocker(ServeTest):
    @classmethod
    def setUpClass(cls):
        # A daemon of its own: it is killed in one of the tests.
        cls.dockerd = Dockerd(is_private=True, has_network=False)
        cls.addClassCleanup(cls.dockerd.close)
        if cls.dockerd.process is None:
            raise unittest.SkipTest("no private docker daemon")
        cls.dockerd.docker("import", "-c", 'ENTRYPOINT ["/thaw-fn"]', "-", IMAGE,
                           feed=archive([("thaw-fn", THAW_FN)], []))
        cls.addClassCleanup(lambda: cls.dockerd.docker("rmi", "-f", IMAGE, check=False))
        cls.socket = cls.dockerd.env["DOCKER_HOST"].removeprefix("unix://")

    def gateway(self, *arguments):
        return self.serve("--docker", self.socket, "--sandbox", "docker", *arguments)

    def function(self, service, name="f", **spec):
        # The daemon has no bridge, so containers share the network of this machine.
        service.put(name, image=IMAGE, network="host", **spec)

    def containers(self, *words):
        return self.dockerd.docker("ps", "-q", *words, "--filter", "label=thaw.gateway").split()

    def test_the_first_call_starts_a_container_and_the_second_uses_it(self):
        service = self.gateway()
        self.function(service)
        self.assertEqual(service.call("f")[0]["X-Thaw-Cold"], "1")
        self.assertEqual(service.call("f")[0]["X-Thaw-Cold"], "0")
        self.assertEqual(len(self.containers()), 1)
        service.end()
        self.assertEqual(self.containers("-a"), [])

    def test_an_evicted_container_is_removed(self):
        service = self.gateway("--policy", "lru", "--memory", "100MB")
        self.function(service, "a", memory="60MB")
        self.function(service, "b", memory="60MB")
        service.call("a")
        service.call("b")
        wait_until(lambda: len(self.containers("-a")) == 1, "one container left")
        service.end()
        self.assertIn("evict a", service.events())

    def test_an_idle_container_is_paused_and_resumed_by_a_call(self):
        service = self.gateway("--pause", "--pause-after", "200ms")
        self.function(service)
        service.call("f")
        wait_until(lambda: len(self.containers("--filter", "status=paused")) == 1, "a paused container")
        headers, _ = service.call("f")
        self.assertEqual((headers["X-Thaw-Cold"], headers["X-Thaw-Instance"]), ("0", "1"))

    def test_a_container_that_is_killed_is_replaced(self):
        service = self.gateway()
        self.function(service)
        service.call("f")
        self.dockerd.docker("kill", *self.containers())
        wait_until(lambda: service.functions()["f"]["instances"]["idle"] == 0, "the end is noticed")
        self.assertEqual(service.call("f")[0]["X-Thaw-Instance"], "2")

    def test_memory_above_the_limit_ends_the_container(self):
        service = self.gateway()
        self.function(service, memory="64MiB", limit_memory=True)
        service.call("f")
        _, text = service.call("f", "?memory=300", expect=502)
        self.assertIn("instance", text)
        self.assertEqual(service.call("f", "?memory=1")[0]["X-Thaw-Cold"], "1")

    def test_an_image_that_does_not_exist_is_named(self):
        service = self.gateway()
        service.put("g", image="no-such-image", network="host")
        self.assertIn("no-such-image", service.call("g", expect=502)[1])

    def test_containers_of_a_killed_gateway_are_removed_at_the_next_start(self):
        service = self.gateway()
        self.function(service)
        service.call("f")
        service.end(signal.SIGKILL, expect=-signal.SIGKILL)
        self.assertEqual(len(self.containers("-a")), 1)
        after = self.gateway()
        self.function(after)
        self.assertEqual(self.containers("-a"), [])

    def test_containers_of_another_live_gateway_stay(self):
        service = self.gateway()
        self.function(service)
        service.call("f")
        other = self.gateway()
        self.function(other)
        self.assertEqual(len(self.containers()), 1)
        self.assertEqual(service.call("f")[0]["X-Thaw-Cold"], "0")

    def test_after_a_restart_of_the_daemon_calls_work_again(self):
        service = self.gateway()
        self.function(service)
        service.call("f")
        self.dockerd.process.terminate()
        self.dockerd.process.wait(30)
        wait_until(lambda: service.functions()["f"]["instances"]["idle"] == 0, "the end is noticed")
        service.call("f", expect=502)
        folder = self.dockerd.folder
        self.dockerd.log.close()
        self.restart(folder)
        self.assertEqual(service.call("f")[0]["X-Thaw-Cold"], "1")

    def restart(self, folder):
        self.dockerd.log = open(folder / "log", "ab")
        self.dockerd.process = subprocess.Popen(
            ["dockerd", "--data-root", folder / "data", "--exec-root", folder / "exec", "-p", folder / "pid", "-H",
             self.dockerd.env["DOCKER_HOST"], *self.dockerd.separate_network()],
            env=self.dockerd.env, stdin=subprocess.DEVNULL, stdout=self.dockerd.log, stderr=self.dockerd.log)
        wait_until(lambda: self.dockerd.docker("version", check=False).count("Version") > 2, "the daemon answers", 30)


class ServeDockerBridge(ServeTest):
    """With a daemon that gives containers addresses of their own."""

    @classmethod
    def setUpClass(cls):
        cls.dockerd = Dockerd()
        cls.addClassCleanup(cls.dockerd.close)
        cls.dockerd.docker("import", "-c", 'ENTRYPOINT ["/thaw-fn"]', "-", IMAGE,
                           feed=archive([("thaw-fn", THAW_FN)], []))
        cls.addClassCleanup(lambda: cls.dockerd.docker("rmi", "-f", IMAGE, check=False))
        cls.socket = cls.dockerd.env.get("DOCKER_HOST", "unix:///var/run/docker.sock").removeprefix("unix://")

    def test_a_container_is_reached_at_its_own_address(self):
        service = self.serve("--docker", self.socket, "--sandbox", "docker", "--image", IMAGE)
        service.put("f")
        self.assertEqual(service.call("f")[0]["X-Thaw-Cold"], "1")
        self.assertEqual(service.call("f")[0]["X-Thaw-Cold"], "0")

    def test_dirigents_registration_names_the_image(self):
        service = self.serve("--docker", self.socket, "--sandbox", "docker")
        status, _, text = service.request("POST", "/", f"name=trace-func-0&image={IMAGE}&requested_memory=64",
                                          {"Content-Type": "application/x-www-form-urlencoded"})
        self.assertEqual((status, text), (200, f"{service.host}:{service.port}"))
        self.assertEqual(service.request("POST", "/", headers={"Host": "trace-func-0", "requested_cpu": "1"})[0], 200)


if __name__ == "__main__":
    main()
