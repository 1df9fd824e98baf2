"""A Slurm of one node for tests: own munge, own controller, own ports, own folder."""

import os
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

from harness import free_port, need_program, need_root, wait_until


class Slurm:
    """munged, slurmctld and slurmd, until `end`; `env` leads the client programs to them."""

    def __init__(self):
        need_root("a Slurm of its own")
        self.programs = {name: need_program(name, package) for name, package in (
            ("munged", "munge"), ("slurmctld", "slurmctld"), ("slurmd", "slurmd"), ("sbatch", "slurm-client"))}
        self.home = tempfile.TemporaryDirectory(prefix="thaw-slurm-")
        self.folder = Path(self.home.name)
        self.folder.chmod(0o755)
        for name in ("state", "spool", "log"):
            (self.folder / name).mkdir()
        self.env = {"SLURM_CONF": str(self.folder / "slurm.conf")}
        self.running = []
        try:
            self.start_munge()
            self.configure()
            self.start("slurmctld", "-c")
            self.start("slurmd", "-c")
            wait_until(lambda: "idle" in self.output("sinfo", "-h", "-o", "%t"), "the node is idle")
        except BaseException:
            self.end()
            raise

    def start_munge(self):
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o600)
        self.start("munged", "--force", f"--key-file={key}", f"--socket={self.folder}/munge.sock",
                   f"--pid-file={self.folder}/munged.pid", f"--log-file={self.folder}/log/munged.log",
                   f"--seed-file={self.folder}/munge.seed")

    def configure(self):
        host = socket.gethostname().split(".")[0]
        folder = self.folder
        (folder / "slurm.conf").write_text("\n".join([
            "ClusterName=lab", f"SlurmctldHost={host}(127.0.0.1)", "SlurmUser=root", "SlurmdUser=root",
            "AuthType=auth/munge", f"AuthInfo=socket={folder}/munge.sock",
            f"SlurmctldPort={free_port()}", f"SlurmdPort={free_port()}",
            f"SlurmctldPidFile={folder}/slurmctld.pid", f"SlurmdPidFile={folder}/slurmd.pid",
            f"StateSaveLocation={folder}/state", f"SlurmdSpoolDir={folder}/spool",
            f"SlurmctldLogFile={folder}/log/slurmctld.log", f"SlurmdLogFile={folder}/log/slurmd.log",
            "SwitchType=switch/none", "MpiDefault=none", "ProctrackType=proctrack/linuxproc", "TaskPlugin=task/none",
            "SelectType=select/cons_tres", "SelectTypeParameters=CR_CPU", "SchedulerType=sched/backfill",
            "AccountingStorageType=accounting_storage/none", "JobAcctGatherType=jobacct_gather/linux",
            "ReturnToService=2",
            f"NodeName={host} NodeAddr=127.0.0.1 CPUs={os.cpu_count()} RealMemory=1000 State=UNKNOWN",
            f"PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP", ""]))

    def start(self, daemon, *options):
        """Starts a daemon, which goes into the background by itself."""
        log = self.folder / "log" / f"{daemon}.start"
        with log.open("wb") as out:
            code = subprocess.run([self.programs[daemon], *options], env={**os.environ, **self.env}, check=False,
                                  stdin=subprocess.DEVNULL, stdout=out, stderr=out, timeout=60).returncode
        if code != 0:
            raise AssertionError(f"{daemon} does not start\n{log.read_text()}")
        self.running.insert(0, daemon)

    def end(self):
        """Ends the daemons by the ids in their files."""
        for daemon in self.running:
            try:
                pid = int((self.folder / f"{daemon}.pid").read_text())
                os.kill(pid, signal.SIGTERM)
            except (OSError, ValueError):
                continue
            wait_until(lambda pid=pid: not is_alive(pid), f"{daemon} has ended")
        self.home.cleanup()

    def output(self, *words):
        """What a client program prints; empty when it fails, as it does until the controller listens."""
        return subprocess.run(words, env={**os.environ, **self.env}, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60, check=False).stdout


def is_alive(pid):
    """Whether a process runs; one that has ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
