"""A Slurm of one node for tests: own munge, own controller, own ports; all of it ends with the test."""

import os
import signal
import socket
import subprocess

from harness import free_port, need_program, need_root, wait_until


class Slurm:
    """munged, slurmctld and slurmd in a folder of the test; `env` leads the client programs to them."""

    def __init__(self, test):
        need_root("a Slurm of its own")
        for name, package in (("munged", "munge"), ("slurmctld", "slurmctld"), ("slurmd", "slurmd"),
                              ("sbatch", "slurm-client")):
            need_program(name, package)
        self.test = test
        self.folder = test.folder / "slurm"
        for name in ("state", "spool", "log"):
            (self.folder / name).mkdir(parents=True)
        # munge insists that nobody else can write on the way to its socket.
        for folder in (test.folder, self.folder):
            folder.chmod(0o755)
        self.start_munge()
        self.configure()
        self.start("slurmctld", "-c")
        self.start("slurmd", "-c")
        wait_until(lambda: "idle" in self.output("sinfo", "-h", "-o", "%t"), f"the node is idle (see {self.folder}/log)")

    def start_munge(self):
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o600)
        test, folder = self.test, self.folder
        test.run_tool([need_program("munged", "munge"), "--force", f"--key-file={key}", f"--socket={folder}/munge.sock",
                       f"--pid-file={folder}/munged.pid", f"--log-file={folder}/log/munged.log",
                       f"--seed-file={folder}/munge.seed"])
        test.addCleanup(self.end, "munged")

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
        self.test.env["SLURM_CONF"] = str(folder / "slurm.conf")

    def start(self, daemon, *options):
        self.test.run_tool([need_program(daemon, daemon), *options])
        self.test.addCleanup(self.end, daemon)

    def end(self, daemon):
        """Ends a daemon by the id in its file, and waits for it."""
        try:
            pid = int((self.folder / f"{daemon}.pid").read_text())
            os.kill(pid, signal.SIGTERM)
        except (OSError, ValueError):
            return
        wait_until(lambda: not os.path.exists(f"/proc/{pid}"), f"{daemon} has ended")

    def output(self, *words):
        """What a client program prints; empty when it fails, as it does until the controller listens."""
        return subprocess.run(words, env=self.test.env, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, timeout=60, check=False).stdout

    def tasks(self):
        """The states of the tasks that Slurm still has."""
        return self.output("squeue", "--noheader", "--array", "--format=%T").split()
