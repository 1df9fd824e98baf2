"""`thaw load` and `thaw serve` with real function runtimes: Google's framework, serverless-offline, and gRPC for Node."""

import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "cli"))

import node_peers  # noqa: E402
from harness import free_port, listens, main, need_program, stop, wait_until  # noqa: E402
from loading import LoadingTest  # noqa: E402
from serving import ServeTest  # noqa: E402


PEERS = None
NODE = None


def setUpModule():
    global PEERS, NODE
    PEERS = node_peers.install()
    NODE = need_program("node", "nodejs")


def google_command():
    framework = PEERS / "node_modules/@google-cloud/functions-framework/build/src/main.js"
    return [NODE, str(framework), f"--source={PEERS / 'google'}", "--target=hello"]


class Peers(LoadingTest):
    def check_all_answered(self, result, number):
        self.assertEqual((result["planned"], result["sent"], result["ok"]), (number, number, number))
        self.assertEqual((result["failed"], result["dropped"], result["in_flight"]), ({}, 0, 0))


class GoogleFramework(Peers):
    """@google-cloud/functions-framework."""

    def setUp(self):
        super().setUp()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self.daemon([*google_command(), f"--port={self.port}"])
        wait_until(lambda: listens(self.port), "the framework listens")

    def calls(self):
        """How many calls the function has had, with the one that asks."""
        return json.loads(urllib.request.urlopen(self.url, timeout=10).read())["calls"]

    def test_every_arrival_of_an_open_loop_is_one_call(self):
        result = self.load("--rps", 200, "--duration", "2s", "--iat", "equidistant", "--target", self.url)

        self.check_all_answered(result, 400)
        self.assertEqual(self.calls(), 401)

    def test_every_row_of_a_closed_loop_is_one_call(self):
        result = self.load("--connections", 8, "--duration", "1s", "--target", self.url)

        self.assertGreater(result["ok"], 100)
        self.assertEqual(self.calls(), result["ok"] + 1)

    def test_values_of_the_plan_arrive_in_the_body(self):
        result = self.load("--rps", 50, "--duration", "1s", "--iat", "equidistant", "--header", "Content-Type: application/json",
                           "--body", '{"runtime": {runtime_ms}}', "--runtime", "7ms", "--target", self.url + "seven")

        self.check_all_answered(result, 50)

    def test_an_error_status_is_a_failure_of_its_own_kind(self):
        result = self.load("--rps", 50, "--duration", "1s", "--iat", "equidistant", "--target", self.url + "broken", expect=5)

        self.assertEqual(result["failed"], {"status": 50})
        self.assertEqual({row["status_code"] for row in self.rows()}, {"503"})


class ServerlessOffline(Peers):
    """serverless-offline: a Lambda function behind an HTTP API, and the Lambda interface itself."""

    def setUp(self):
        super().setUp()
        self.http, self.invoke = free_port(), free_port()
        environment = {"HTTP_PORT": str(self.http), "LAMBDA_PORT": str(self.invoke), "WEBSOCKET_PORT": str(free_port()),
                       "SLS_TELEMETRY_DISABLED": "1", "SLS_NOTIFICATIONS_MODE": "off", "CI": "1",
                       "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none", "HOME": str(self.folder)}
        self.daemon([NODE, PEERS / "node_modules/serverless/bin/serverless.js", "offline", "start"],
                    cwd=PEERS / "lambda", env=environment)
        wait_until(lambda: listens(self.http) and listens(self.invoke), "serverless-offline listens", 60)

    def test_an_http_api_answers_every_arrival(self):
        result = self.load("--rps", 20, "--duration", "2s", "--iat", "equidistant", "--runtime", "7ms", "--memory", "64MiB",
                           "--body", '{"RuntimeInMilliSec": {runtime_ms}, "MemoryInMebiBytes": {memory_mib}}',
                           "--target", f"http://127.0.0.1:{self.http}/hello")

        self.check_all_answered(result, 40)
        self.assertEqual({row["actualDuration"] for row in self.rows()}, {"7000"})
        self.assertEqual({row["actualMemoryUsage"] for row in self.rows()}, {"64"})

    def test_the_lambda_interface_answers_every_arrival(self):
        target = f"http://127.0.0.1:{self.invoke}/2015-03-31/functions/peer-dev-hello/invocations"
        result = self.load("--rps", 20, "--duration", "2s", "--iat", "equidistant", "--runtime", "7ms", "--memory", "64MiB",
                           "--body", '{"RuntimeInMilliSec": {runtime_ms}, "MemoryInMebiBytes": {memory_mib}}', "--target", target)

        self.check_all_answered(result, 40)
        self.assertEqual({row["actualDuration"] for row in self.rows()}, {"7000"})


class GrpcForNode(Peers):
    """@grpc/grpc-js as the server of faas.Executor."""

    def start(self, *arguments):
        self.port = free_port()
        server = subprocess.Popen([NODE, str(PEERS / "grpc_server.js"), str(self.port), *map(str, arguments)],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.stdout.close)
        self.addCleanup(stop, server)
        wait_until(lambda: listens(self.port), "the gRPC server listens")
        return server

    def calls(self, server):
        server.send_signal(signal.SIGTERM)
        return int(server.communicate(timeout=15)[0])

    def load_grpc(self, *arguments, scheme="http", runtime="7ms", **options):
        return self.load("--rps", 200, "--duration", "1s", "--iat", "equidistant", "--protocol", "grpc", "--runtime", runtime,
                         "--memory", "64MiB", "--target", f"{scheme}://127.0.0.1:{self.port}", *arguments, **options)

    def test_every_arrival_is_one_call_with_what_was_asked_for(self):
        server = self.start()
        self.check_all_answered(self.load_grpc(), 200)

        self.assertEqual(self.calls(server), 200)
        fields = ("actualDuration", "actualMemoryUsage", "status_code", "instance")
        self.assertEqual({tuple(row[name] for name in fields) for row in self.rows()},
                         {("7000", "64", "200", "trace-func-peer")})

    def test_several_calls_share_a_connection(self):
        server = self.start()
        self.check_all_answered(self.load_grpc("--streams", 16, "--most-connections", 1), 200)

        self.assertEqual(self.calls(server), 200)

    def test_a_closed_loop_of_16_calls_loses_none(self):
        server = self.start()
        result = self.load("--connections", 16, "--duration", "1s", "--protocol", "grpc", "--streams", 16,
                           "--target", f"http://127.0.0.1:{self.port}")

        self.assertGreater(result["ok"], 100)
        self.assertEqual(self.calls(server), result["ok"])

    def test_a_status_of_grpc_is_a_failure_with_its_number(self):
        self.start()
        result = self.load_grpc(runtime="13ms", expect=5)

        self.assertEqual(result["failed"], {"status": 200})
        self.assertEqual({row["status_code"] for row in self.rows()}, {"8"})

    def test_a_configuration_of_the_predecessor_calls_benchmarks_of_vswarm(self):
        server = self.start()
        self.write_trace({"f": [5, 5], "g": [0, 2]})
        self.file("trace/mapper_output.json", json.dumps({"foa": {"proxy-function": "aes-python-10"},
                                                          "goa": {"proxy-function": "fibonacci-go-20"}}))
        config = {"Platform": "Knative", "InvokeProtocol": "grpc", "EndpointPort": self.port, "VSwarm": True,
                  "TracePath": str(self.folder / "trace"), "Granularity": "second", "IATDistribution": "equidistant",
                  "ExperimentDuration": 2, "OutputPathPrefix": str(self.folder / "out/experiment")}
        result = self.load("--config", self.file("loader.json", json.dumps(config)))

        self.check_all_answered(result, 12)
        self.assertEqual(self.calls(server), 12)
        self.assertEqual({row["function"] for row in self.rows()}, {"aes-python-10-0", "fibonacci-go-20-1"})
        for row in self.rows():
            self.assertEqual(row["instance"], row["function"])

    def test_folders_of_vswarm_are_sent_as_one_trace(self):
        server = self.start()
        for folder, counts in (("one", {"f": [5, 5], "g": [0, 2]}), ("two", {"f": [3, 0]})):
            self.write_trace(counts, f"traces/{folder}")
            names = {f"{name}oa": {"proxy-function": f"{folder}-{name}"} for name in counts}
            self.file(f"traces/{folder}/mapper_output.json", json.dumps(names))
        config = {"InvokeProtocol": "grpc", "EndpointPort": self.port, "VSwarm": True, "Granularity": "second",
                  "TracePath": str(self.folder / "traces"), "IATDistribution": "equidistant", "ExperimentDuration": 2,
                  "OutputPathPrefix": str(self.folder / "out/experiment")}
        result = self.load("--config", self.file("loader.json", json.dumps(config)))

        self.check_all_answered(result, 15)
        self.assertEqual(self.calls(server), 15)
        self.assertEqual({row["function"] for row in self.rows()}, {"one-f-0", "one-g-1", "two-f-2"})

    def test_tls_is_checked(self):
        openssl = need_program("openssl", "openssl")
        certificate, key = self.folder / "cert.pem", self.folder / "key.pem"
        self.run_tool([openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                       "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate])
        self.start(certificate, key)

        self.check_all_answered(self.load_grpc("--trusted-certificates", certificate, scheme="https"), 200)
        self.assertEqual(self.load_grpc(scheme="https", expect=5, out="distrust")["failed"], {"tls": 200})


class OnThePlatform(ServeTest):
    """Google's framework as a program that `thaw serve` starts."""

    def test_a_real_runtime_is_started_cold_and_used_warm(self):
        service = self.serve("--policy", "lru")
        service.put("hello", command=google_command(), memory="128MB")

        headers, first = service.call("hello", "/some/path")
        self.assertEqual((headers["X-Thaw-Cold"], json.loads(first)["path"]), ("1", "/some/path"))
        headers, second = service.call("hello")
        self.assertEqual((headers["X-Thaw-Cold"], json.loads(second)["calls"]), ("0", 2))
        self.assertEqual(json.loads(first)["pid"], json.loads(second)["pid"])


if __name__ == "__main__":
    sys.exit(main())
