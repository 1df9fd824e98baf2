"""The fission backends. There is no Fission outside a cluster, so its command and its router are stand-ins; what they
reach is a function that really runs, and the pods are deleted by the real kubectl."""

import http.client
import http.server

from harness import IntegrationTest, free_port, main, need_program
from kubernetes import Cluster


def router_for(functions):
    """A handler that passes /fission-function/NAME and /fission-function/NAMESPACE/NAME on to the ports of functions."""

    class Router(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            name = self.path.removeprefix("/fission-function/")
            status, answer = 404, f"function {name} does not exist".encode()
            if self.path != name and name in functions:
                function = http.client.HTTPConnection("127.0.0.1", functions[name], timeout=10)
                function.request("POST", "/", body, {"Content-Type": "application/json"})
                response = function.getresponse()
                status, answer = response.status, response.read()
                function.close()
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    return Router


# As the fission command: `fn test` calls the router, `fn pods` lists the function's pods.
FISSION = """#!/bin/sh
case "$1 $2" in
  'fn test')
    shift 2; body=
    while [ $# -gt 0 ]; do
      case $1 in --name) name=$2 ;; -b) body=$2 ;; *) echo "unknown flag: $1" >&2; exit 1 ;; esac
      shift 2
    done
    exec curl --fail-with-body -sS -X POST -H 'Content-Type: application/json' --data-raw "$body" \\
      "http://$FISSION_ROUTER/fission-function/$name"
    ;;
  'fn pods')
    echo 'NAME       NAMESPACE  READY  STATUS   IP        EXECUTORTYPE  MANAGED'
    kubectl get pods -n fission -l "functionName=$4" -o name |
      sed 's#^pod/##; s#$#  fission  2/2  Running  10.0.0.7  poolmgr  false#'
    ;;
  *) echo "unknown command" >&2; exit 1 ;;
esac
"""


class FissionTest(IntegrationTest):
    def setUp(self):
        super().setUp()
        need_program("curl", "curl")
        need_program("kubectl", "kubernetes-client")
        self.cluster = Cluster(self)
        for pod, function in (("poolmgr-hello-1", "hello"), ("poolmgr-hello2-1", "hello2"), ("router-1", "")):
            self.cluster.add_pod(pod, {"functionName": function}, "fission")
        port = self.serve_micro("args")
        self.env["FISSION_ROUTER"] = f"127.0.0.1:{self.serve(router_for({'hello': port, 'prod/hello': port}))}"
        self.tool("fission", FISSION)
        self.metric = self.file("m.yaml", "metrics:\n  args:\n    description: x\n    type: string\n"
                                          "    extract: {regex: '^(\".*\")$'}\n")

    def test_both_backends_reach_the_function_with_the_body(self):
        for backend, name in (("fission", "hello"), ("fission-router", "hello"), ("fission-router", "prod/hello")):
            with self.subTest(backend=backend, name=name):
                outcome = self.bench("-f", self.metric, "-b", "inner_time", "-b", backend, "--function", name,
                                     "--skip-context", "--warm", "--repeat", 2, "--", name, '["it\'s $HOME * ü"]')
                self.assertEqual(outcome.column("args"), ['"it\'s $HOME * ü"'] * 2)
                self.assertEqual(len(outcome.numbers("inner_time")), 2)
        self.assertEqual(self.cluster.deleted, [])

    def test_a_cold_start_deletes_the_pods_of_this_function_and_no_other(self):
        for backend in ("fission", "fission-router"):
            with self.subTest(backend=backend):
                self.cluster.deleted.clear()
                pod = next(name for _, name in self.cluster.pods if name.startswith("poolmgr-hello-"))
                self.bench("-b", backend, "--skip-context", "--cold", "--repeat", 1, "--", "hello")
                self.assertEqual(self.cluster.deleted, [pod])

    def test_a_function_that_does_not_exist_is_a_failed_repetition(self):
        for backend in ("fission", "fission-router"):
            with self.subTest(backend=backend):
                outcome = self.bench("-b", backend, "--skip-context", "--repeat", 1, "--", "missing", expect=5)
                self.assertEqual(outcome.column("status"), ["failed"])
                self.assertIn("404", outcome.err)

    def test_a_router_that_is_not_there_is_explained(self):
        self.env["FISSION_ROUTER"] = f"127.0.0.1:{free_port()}"
        outcome = self.bench("-b", "fission-router", "--skip-context", "--repeat", 1, "--", "hello", expect=5)
        self.assertIn("check that the server runs and listens on this host and port", outcome.err)

    def test_the_router_has_to_be_named(self):
        self.env.pop("FISSION_ROUTER")
        outcome = self.bench("-b", "fission-router", "--skip-context", "--repeat", 1, "--", "hello", expect=4)
        self.assertIn("set FISSION_ROUTER to the address of Fission's router", outcome.err)


if __name__ == "__main__":
    main()
