"""A running `thaw serve` for tests, and requests to it."""

import http.client
import json
import os
import signal
import subprocess
from pathlib import Path

import command
import harness

THAW_FN = os.environ["THAW_FN"]


class Service:
    """`thaw serve ARGUMENTS…` on a free port, with its state and events in the test's folder."""

    def __init__(self, test, *arguments, env=None):
        self.test = test
        self.state = test.folder / "state"
        self.events_file = test.folder / f"events-{len(test.services)}.ndjson"
        words = [harness.THAW, "serve", "--listen", "127.0.0.1:0", "--state", self.state, "--events", self.events_file,
                 "--format", "json", *arguments]
        with open(test.folder / f"serve-{len(test.services)}.err", "wb") as log:
            self.process = subprocess.Popen([str(word) for word in words], cwd=test.folder, env=env or test.env,
                                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True)
        self.log = Path(log.name)
        test.services.append(self)
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"thaw serve did not start: {self.log.read_text()}")
        self.url = json.loads(line)["url"]
        self.host, port = self.url.removeprefix("http://").rsplit(":", 1)
        self.port = int(port)

    def request(self, method, path, body=None, headers=None, timeout=30):
        """(status, headers, text)"""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()
        finally:
            connection.close()

    def put(self, name, **spec):
        status, _, text = self.request("PUT", f"/functions/{name}", json.dumps(spec))
        self.test.assertEqual(status, 201, text)

    def call(self, name, path="", expect=200):
        status, headers, text = self.request("POST", f"/function/{name}{path}")
        self.test.assertEqual(status, expect, text)
        return headers, text

    def functions(self):
        return {one["name"]: one for one in json.loads(self.request("GET", "/functions")[2])}

    def metric(self, line):
        for text in self.request("GET", "/metrics")[2].splitlines():
            if text.startswith(line + " "):
                return float(text.split()[-1])
        raise AssertionError(f"no metric {line}")

    def end(self, number=signal.SIGTERM, expect=0):
        self.process.send_signal(number)
        self.test.assertEqual(self.process.wait(30), expect, self.log.read_text())

    def events(self):
        """The log as words: "start cold f"."""
        words = []
        for line in self.events_file.read_text(encoding="utf-8").splitlines()[1:]:
            event = json.loads(line)
            words.append(" ".join(event[key] for key in ("event", "start", "function") if key in event))
        return words

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


class ServeTest(command.CommandTest):
    def setUp(self):
        super().setUp()
        self.services = []
        self.addCleanup(lambda: [service.close() for service in self.services])

    def serve(self, *arguments, **options):
        return Service(self, *arguments, **options)
