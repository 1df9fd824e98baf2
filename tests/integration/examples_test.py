"""The three usage examples of the requirements document, with `thaw bench` for `./launcher.py` and nothing else changed.
`my_function` is a program on PATH; machines that the examples presuppose are stood in for."""

import csv
import json
import os
import subprocess

from harness import THAW, IntegrationTest, free_port, main, need_program, need_root
from openssh import Openssh


class ExamplesTest(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.tool("thaw", f'#!/bin/sh\nexec {THAW} "$@"\n')
        self.tool("my_function", "#!/bin/sh\nsleep 0.02\necho '@@@ Time 0.02'\n")

    def type(self, line):
        """Runs a line as typed in a shell, and reads the record that it left in the folder `runs`."""
        done = subprocess.run(["bash", "-c", line], env={**self.env, "THAW_REPEAT": "2"}, cwd=self.folder, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        records = list((self.folder / "runs").rglob("run.json"))
        self.assertEqual(len(records), 1, done.stdout)
        record = json.loads(records[0].read_text(encoding="utf-8"))
        self.assertEqual(record["status"], "completed")
        with open(records[0].parent / "samples.csv", newline="", encoding="utf-8") as file:
            return record["summary"]["metrics"], list(csv.DictReader(file))

    def test_performance_monitoring_with_mpi(self):
        need_program("perf", "linux-perf")
        need_program("mpirun", "openmpi-bin")
        metrics, _ = self.type("thaw bench -f backends/perf.yaml -f backends/mpi.py -b perf -b mpi my_function")
        self.assertEqual(metrics["page_faults"]["n"], 2)
        self.assertEqual(metrics["mpi-rank"]["n"], 2)

    def test_memory_on_remote_hosts(self):
        need_root("sshd with keys of its own")
        lab = Openssh(self)
        lab.add("localhost", free_port())
        self.tool("ssh", f'#!/bin/sh\nexec {need_program("ssh", "openssh-client")} -F {lab.config} "$@"\n')
        metrics, _ = self.type("thaw bench -f backends/memory.yaml -f backends/ssh.py -b ssh -b memory my_function")
        self.assertEqual(metrics["max_rss"]["n"], 2)

    def test_power_with_information_about_the_system(self):
        # The document's controller is <short host name>-ilo; it is reached here under an address of its own.
        certificate = self.folder / "controller.pem"
        stub = subprocess.Popen([os.environ["THAW_REDFISH_STUB"], certificate, "180"], text=True,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(stub.stdout.close)
        self.addCleanup(stub.wait)
        self.addCleanup(stub.stdin.close)
        url = stub.stdout.readline().strip()
        shipped = os.path.join(os.environ["THAW_SHARE"], "backends", "power_iLO.yaml")
        with open(shipped, encoding="utf-8") as file:
            text = file.read()
        self.assertIn("url: ''", text)
        folder = self.folder / "backends"
        folder.mkdir()
        text = text.replace("url: ''", f"url: '{url}'").replace("ca_file: ''", f"ca_file: '{certificate}'")
        (folder / "power_iLO.yaml").write_text(text, encoding="utf-8")
        self.env.update(THAW_REDFISH_USER="admin", THAW_REDFISH_PASSWORD="correct horse")
        metrics, rows = self.type(
            "thaw bench -f backends/power_iLO.yaml -f backends/uname.yaml -b power -b uname my_function")
        self.assertEqual(metrics["avg_power"]["n"], 2)
        self.assertAlmostEqual(metrics["avg_power"]["mean"], 180)
        self.assertEqual([row["hostname"] for row in rows], [os.uname().nodename] * 2)
        self.assertEqual([row["kernel"] for row in rows], [os.uname().release] * 2)


if __name__ == "__main__":
    main()
