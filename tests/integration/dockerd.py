"""A docker daemon for tests: the one that runs already, or a private one that ends with the script; and images made
of nothing but the machine's own static programs."""

import io
import os
import shutil
import subprocess
import tarfile
import tempfile
import time
import unittest
from pathlib import Path

from harness import THAW_MICRO, need_program, need_root, stop

MICRO_IMAGE = f"thaw-it-micro-{os.getpid()}"
SHELL_IMAGE = f"thaw-it-shell-{os.getpid()}"


def answers(env):
    return subprocess.run(["docker", "version"], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False, timeout=20).returncode == 0


def archive(programs, links):
    """A tar archive of programs (name in the image, file here) and symbolic links (name, target)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, path in programs:
            entry = tarfile.TarInfo(name)
            entry.size = os.path.getsize(path)
            entry.mode = 0o755
            with open(path, "rb") as file:
                tar.addfile(entry, file)
        for name, target in links:
            entry = tarfile.TarInfo(name)
            entry.type = tarfile.SYMTYPE
            entry.linkname = target
            tar.addfile(entry)
    return buffer.getvalue()


class Dockerd:
    """`env` leads the docker command to the daemon."""

    def __init__(self, is_private=False, has_network=True):
        need_program("docker", "docker.io")
        self.env = dict(os.environ)
        self.env["PATH"] += ":/usr/sbin:/sbin"
        self.process = None
        self.folder = None
        self.containers = []
        self.bridge = None
        if is_private or not answers(self.env):
            self.start(has_network)

    def start(self, has_network):
        need_root("starting a docker daemon")
        daemon = need_program("dockerd", "docker.io")
        self.folder = Path(tempfile.mkdtemp(prefix="thaw-dk-"))
        self.env["DOCKER_HOST"] = f"unix://{self.folder}/s"
        words = [daemon, "--data-root", self.folder / "data", "--exec-root", self.folder / "exec", "-p",
                 self.folder / "pid", "-H", self.env["DOCKER_HOST"]]
        if not has_network:
            words += self.separate_network()
        self.log = open(self.folder / "log", "wb")
        self.process = subprocess.Popen([str(word) for word in words], env=self.env, stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log)
        end = time.monotonic() + 30
        while not answers(self.env):
            if self.process.poll() is not None or time.monotonic() > end:
                text = (self.folder / "log").read_text(errors="replace").splitlines()
                self.close()
                raise unittest.SkipTest("dockerd does not start here: " + (text[-1] if text else "no output"))
            time.sleep(0.1)

    def separate_network(self):
        """Words for a daemon that leaves the machine's network alone. With --bridge=none it would delete docker0, which
        another daemon uses; so it gets a bridge that leads nowhere."""
        if self.bridge is None:
            name = f"thaw{os.getpid()}"
            made = subprocess.run(["ip", "link", "add", name, "type", "bridge"], check=False).returncode == 0
            if not made:
                return ["--bridge=none", "--iptables=false", "--ip-forward=false"]
            self.bridge = name
            subprocess.run(["ip", "address", "add", f"10.213.{os.getpid() % 250}.1/24", "dev", name], check=True)
        return [f"--bridge={self.bridge}", "--iptables=false", "--ip-forward=false", "--ip-masq=false"]

    def docker(self, *words, feed=None, check=True):
        done = subprocess.run(["docker", *map(str, words)], env=self.env, input=feed, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False, timeout=60)
        text = done.stdout.decode(errors="replace").strip()
        if check and done.returncode != 0:
            raise AssertionError(f"docker {' '.join(map(str, words))}: {text}")
        return text

    def make_images(self):
        micro = archive([("thaw-micro", THAW_MICRO)], [])
        self.docker("import", "-c", 'ENTRYPOINT ["/thaw-micro"]', "-c", "EXPOSE 8080", "-", MICRO_IMAGE, feed=micro)
        busybox = need_program("busybox", "busybox-static")
        applets = subprocess.run([busybox, "--list"], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
        links = [(f"bin/{name}", "busybox") for name in sorted(set(applets) - {"busybox"})]
        shell = archive([("bin/busybox", busybox)], links)
        self.docker("import", "-c", "ENV PATH=/bin", "-", SHELL_IMAGE, feed=shell)

    def run(self, name, *words):
        """A container in the background; its id."""
        name = f"thaw-it-{os.getpid()}-{name}"
        self.containers.append(name)
        self.docker("run", "-d", "--name", name, *words)
        return name

    def shell_container(self, name, *options):
        return self.run(name, *options, SHELL_IMAGE, "sleep", "100000")

    def remove_containers(self):
        while self.containers:
            self.docker("rm", "-f", self.containers.pop(), check=False)

    def address(self, name):
        return self.docker("inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", name)

    def close(self):
        """Removes what the script left in the daemon, and ends the daemon if the script started it."""
        if self.process is None or self.process.poll() is None:
            self.remove_containers()
            self.docker("rmi", "-f", MICRO_IMAGE, SHELL_IMAGE, check=False)
        if self.process is not None:
            stop(self.process, 30)
            self.log.close()
            shutil.rmtree(self.folder, ignore_errors=True)
        if self.bridge is not None:
            subprocess.run(["ip", "link", "delete", self.bridge], check=False)
            self.bridge = None
