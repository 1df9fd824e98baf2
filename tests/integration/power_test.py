"""The power backend through `thaw bench`, against a stand-in for a management controller (HTTPS, sessions)."""

import os
import subprocess
import threading
import time
from pathlib import Path

from harness import IntegrationTest, free_port, main, need_program, stop

# What the stand-in expects.
USER = "admin"
PASSWORD = "correct horse"


class PowerTest(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.certificate = self.folder / "controller.pem"
        self.stub = subprocess.Popen([os.environ["THAW_REDFISH_STUB"], self.certificate, "240"], text=True,
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(self.stub.stdout.close)
        self.addCleanup(stop, self.stub)
        self.addCleanup(self.stub.stdin.close)
        self.url = self.stub.stdout.readline().strip()
        self.env.update(THAW_REDFISH_USER=USER, THAW_REDFISH_PASSWORD=PASSWORD)

    def controller(self, **options):
        lines = [f"      {key}: '{value}'" for key, value in
                 {"url": self.url, "ca_file": self.certificate, "interval": "100ms", **options}.items()]
        return self.file("controller.yaml", "backend_options:\n  power:\n    probe_options:\n" + "\n".join(lines) + "\n")

    def test_power_and_energy_of_the_run(self):
        outcome = self.bench("-f", self.controller(), "-b", "power", "--skip-context", "--repeat", 2, "--", "sleep",
                             "0.4")
        self.assertEqual([round(watts, 6) for watts in outcome.numbers("avg_power")], [240, 240])
        self.assertEqual(outcome.numbers("max_power"), [240, 240])
        self.assertEqual(outcome.numbers("min_power"), [240, 240])
        for joules, seconds in zip(outcome.numbers("energy"), outcome.numbers("outer_time_s")):
            self.assertAlmostEqual(joules, 240 * seconds, delta=240 * 0.2)
        metrics = outcome.result["metrics"]
        self.assertEqual((metrics["avg_power"]["unit"], metrics["energy"]["unit"]), ("W", "J"))

    def test_the_secret_is_in_no_record_no_output_and_no_command_line(self):
        seen = []
        is_over = threading.Event()

        def watch():
            while not is_over.is_set():
                for folder in Path("/proc").glob("[0-9]*"):
                    try:
                        words = (folder / "cmdline").read_bytes()
                    except OSError:
                        continue
                    if PASSWORD.encode() in words:
                        seen.append(words)
                time.sleep(0.01)

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            outcome = self.bench("-f", self.controller(), "-b", "power", "-b", "uname", "-v", "-v",
                                 "--repeat", 2, "--", "sleep", "0.2")
        finally:
            is_over.set()
            watcher.join()
        self.assertEqual(seen, [])
        self.assert_no_secret(outcome)

    def assert_no_secret(self, outcome):
        texts = {"stdout": outcome.out, "stderr": outcome.err}
        for path in [*outcome.folder.rglob("*"), *(self.folder / "runs").rglob("*")]:
            if path.is_file():
                texts[str(path)] = path.read_bytes().decode(errors="replace")
        self.assertTrue(any(name.endswith("run.json") for name in texts))
        for name, text in texts.items():
            self.assertNotIn(PASSWORD, text, name)
            # The token of a session is as good as a password.
            self.assertNotIn("token-admin", text, name)

    def test_credentials_come_from_a_file_that_only_its_owner_reads(self):
        for name in ("THAW_REDFISH_USER", "THAW_REDFISH_PASSWORD"):
            self.env.pop(name)
        secrets = self.file("secrets", f"user={USER}\npassword={PASSWORD}\n", 0o600)
        config = self.controller(credentials_file=secrets)
        outcome = self.bench("-f", config, "-b", "power", "--repeat", 1, "--", "sleep", "0.2")
        self.assertAlmostEqual(outcome.numbers("avg_power")[0], 240)
        self.assert_no_secret(outcome)
        secrets.chmod(0o644)
        refused = self.bench("-f", config, "-b", "power", "--repeat", 1, "--", "true", expect=4)
        self.assertIn("chmod 600", refused.err)

    def test_a_password_in_a_definition_is_refused(self):
        outcome = self.bench("-f", self.controller(password="hunter2"), "-b", "power", "--repeat", 1, "--", "true",
                             expect=2)
        self.assertNotIn("hunter2", outcome.err)

    def test_a_certificate_that_is_not_trusted_is_refused(self):
        config = self.file("c.yaml", f"backend_options: {{power: {{probe_options: {{url: '{self.url}'}}}}}}\n")
        outcome = self.bench("-f", config, "-b", "power", "--skip-context", "--repeat", 1, "--", "true", expect=4)
        self.assertIn("certificate", outcome.err)
        self.assertIn("hint", outcome.err)

    def test_a_wrong_password_is_named_without_telling_it(self):
        outcome = self.bench("-f", self.controller(), "-b", "power", "--skip-context", "--repeat", 1, "--", "true",
                             expect=4, env={"THAW_REDFISH_PASSWORD": "wrong-pass-77"})
        self.assertNotIn("wrong-pass-77", outcome.err)
        self.assertIn("THAW_REDFISH_PASSWORD", outcome.err)

    def test_a_controller_that_is_not_there_is_an_error_with_a_hint(self):
        config = self.controller(url=f"https://127.0.0.1:{free_port()}")
        outcome = self.bench("-f", config, "-b", "power", "--skip-context", "--repeat", 1, "--", "true", expect=4)
        self.assertIn("hint", outcome.err)

    def test_redfishtool_reads_the_same_controller(self):
        tool = need_program("redfishtool", "redfishtool")
        host = self.url.removeprefix("https://")
        text = self.run_tool([tool, "-r", host, "-S", "Always", "-u", USER, "-p", PASSWORD, "Chassis", "-1", "Power"])
        self.assertIn('"PowerConsumedWatts": 240', text)


if __name__ == "__main__":
    main()
