"""`thaw load` on platforms that get its functions: a running `thaw serve`, Dirigent's call, Docker; and stand-ins for the
programs of platforms that are not here."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "cli"))

import harness  # noqa: E402
from dockerd import Dockerd, archive  # noqa: E402
from loading import write_azure2019  # noqa: E402
from serving import THAW_FN, ServeTest  # noqa: E402

THREE = "function,memory_mb,cold_ms,warm_ms\nresize,128,20,5\nmail_v2,64,10,2\nclassify,200,30,5\n"


class DeployTest(ServeTest):
    def setUp(self):
        super().setUp()
        self.log = self.folder / "calls"
        trace = self.folder / "three"
        trace.mkdir()
        (trace / "functions.csv").write_text(THREE)
        rows = "".join(f"{20 * i},{name}\n" for i, name in enumerate(["resize", "mail_v2", "classify"] * 10))
        (trace / "invocations.csv").write_text("time_ms,function\n" + rows)

    def start_load(self, target, *further, trace="three", env=None):
        where = (["--trace", trace] if trace else []) + (["--target", target] if target else [])
        words = [harness.THAW, "load", *where, "--format", "json", "-o", "run", *further]
        return subprocess.Popen([str(word) for word in words], env=env or self.env, cwd=self.folder, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def load(self, target, *further, expect=0, **options):
        process = self.start_load(target, *further, **options)
        out, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, expect, f"{target}\n{out}\n{err}")
        return json.loads(out) if expect == 0 else err

    def stand_in(self, program, answer):
        """A program that notes how it is called; `answer` is shell text for what it says."""
        path = self.tools / program
        path.write_text(f'#!/bin/sh\necho "{program} $*" >>{self.log}\n{answer}\n')
        path.chmod(0o755)

    def calls(self):
        return self.log.read_text().splitlines()


class Serve(DeployTest):
    def test_functions_are_there_for_as_long_as_the_load_takes(self):
        service = self.serve()
        result = self.load(f"serve:at={service.url}")

        self.assertEqual((result["planned"], result["ok"], result["cold"]), (30, 30, 3))
        self.assertEqual(service.functions(), {})
        record = json.loads((self.folder / "run/run.json").read_text())["context"]["platform"]
        self.assertEqual((record["kind"], record["functions"]), ("serve", 3))

    def test_what_the_trace_says_arrives(self):
        service = self.serve()
        process = self.start_load(f"serve:at={service.url}", "--speedup", "0.1")
        harness.wait_until(lambda: len(service.functions()) == 3, "the functions are there")
        memory = {name: spec["memory"] for name, spec in service.functions().items()}
        process.communicate(timeout=60)

        self.assertEqual(memory, {"resize": "128MB", "mail_v2": "64MB", "classify": "200MB"})

    def test_an_interrupt_takes_them_off(self):
        service = self.serve()
        process = self.start_load(f"serve:at={service.url}", "--speedup", "0.01")
        harness.wait_until(lambda: len(service.functions()) == 3, "the functions are there")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)

        self.assertEqual(process.returncode, 130)
        self.assertEqual(service.functions(), {})

    def test_an_interrupt_while_they_are_put_there_takes_them_off(self):
        service = self.serve()
        curl = harness.need_program("curl", "curl")
        self.stand_in("curl", f'"{curl}" "$@" || exit; case "$*" in *PUT*) sleep 5 ;; esac')
        process = self.start_load(f"serve:at={service.url}")
        harness.wait_until(lambda: len(service.functions()) == 3, "the functions are there")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)

        self.assertEqual(process.returncode, 130)
        self.assertEqual(service.functions(), {})

    def test_a_kill_takes_them_off(self):
        service = self.serve()
        process = self.start_load(f"serve:at={service.url}", "--speedup", "0.01")
        harness.wait_until(lambda: len(service.functions()) == 3, "the functions are there")
        process.kill()
        process.communicate(timeout=30)

        harness.wait_until(lambda: service.functions() == {}, "the guard has taken the functions off")

    def test_a_refusal_is_an_error_that_leaves_nothing(self):
        service = self.serve()
        text = self.load(f"serve:at={service.url}/nowhere", expect=5)

        self.assertIn("curl failed", text)
        self.assertEqual(service.functions(), {})


class Dirigent(DeployTest):
    def test_functions_are_registered_and_called_by_their_names(self):
        service = self.serve()
        address = service.url.removeprefix("http://")
        # Calls may overlap: registered functions get their runtime and memory with each call, and do touch it.
        result = self.load(f"dirigent:control_plane={address}", "--speedup", "0.2")

        self.assertEqual(result["ok"], 30)
        self.assertGreaterEqual(result["cold"], 3)
        self.assertEqual(sorted(service.functions()), ["classify", "mail_v2", "resize"])

    def test_a_configuration_of_the_predecessor_registers_what_stands_beside_its_trace(self):
        service = self.serve()
        curl = harness.need_program("curl", "curl")
        self.stand_in("curl", f'exec "{curl}" "$@"')
        write_azure2019(self.folder / "counts", {"f": [3], "g": [2]})
        entries = [{"HashFunction": "f", "Image": "registry/f:1", "Port": 50000, "Protocol": "udp", "ScalingUpperBound": 3,
                    "ScalingLowerBound": 1, "IterationMultiplier": 1, "EnvVars": ["A=b c"], "ProgramArgs": ["-x", "1"]},
                   {"HashFunction": "g", "Image": "registry/g:2", "Port": 80, "Protocol": "tcp", "ScalingUpperBound": 1,
                    "IterationMultiplier": 1}]
        self.file("counts/dirigent.json", json.dumps(entries))
        cluster = {"Backend": "containerd", "DirigentControlPlaneIP": service.url.removeprefix("http://"),
                   "PrepullMode": "all_sync", "BusyLoopOnSandboxStartup": False, "AsyncMode": False, "Workflow": False}
        config = {"Platform": "Dirigent", "DirigentConfigPath": str(self.file("cluster.json", json.dumps(cluster))),
                  "InvokeProtocol": "http2", "TracePath": str(self.folder / "counts"), "Granularity": "second",
                  "IATDistribution": "equidistant", "ExperimentDuration": 1, "OutputPathPrefix": str(self.folder / "out/e")}
        result = self.load(None, "--config", self.file("loader.json", json.dumps(config)), trace=None)
        calls = self.calls()

        self.assertEqual((result["planned"], result["ok"]), (5, 5))
        f, g = (next(call for call in calls if f"name={name} " in call and "--data" in call) for name in "fg")
        for word in ("image=registry/f:1", "port_forwarding=50000", "port_forwarding=udp", "scaling_lower_bound=1",
                     "scaling_upper_bound=3", "prepull_mode=all_sync", "env_vars=A%3Db%20c&program_args=-x&program_args=1"):
            self.assertIn(f" {word} ", f)
        self.assertIn(" scaling_lower_bound=0 --data-urlencode scaling_upper_bound=1 ", g)
        self.assertNotIn("env_vars", g)
        self.assertEqual(sum("/check?name=" in call for call in calls), 2)

    def test_a_function_that_is_not_described_is_named(self):
        self.file("dirigent.json", '[{"HashFunction": "resize", "Image": "i"}]')

        self.assertIn("no entry of the function mail_v2",
                      self.load("dirigent", "--functions", "dirigent.json", expect=3))


class Docker(DeployTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dockerd = Dockerd()
        cls.addClassCleanup(cls.dockerd.close)
        cls.image = f"thaw-it-deploy-{os.getpid()}"
        cls.dockerd.docker("import", "-c", 'ENTRYPOINT ["/thaw-fn", "--host", "0.0.0.0"]', "-", cls.image,
                           feed=archive([("thaw-fn", THAW_FN)], []))
        cls.addClassCleanup(lambda: cls.dockerd.docker("rmi", "-f", cls.image, check=False))

    def setUp(self):
        super().setUp()
        self.env["PATH"] = f"{self.tools}:{self.dockerd.env['PATH']}"
        self.env.update({key: value for key, value in self.dockerd.env.items() if key == "DOCKER_HOST"})

    def containers(self):
        return self.dockerd.docker("ps", "-aq", "--filter", f"ancestor={self.image}").split()

    def test_each_function_is_a_container_with_an_address(self):
        result = self.load(f"docker:image={self.image}")

        self.assertEqual((result["planned"], result["ok"]), (30, 30))
        self.assertEqual(self.containers(), [])

    def test_an_image_that_is_not_there_is_an_error(self):
        text = self.load("docker:image=thaw-no-such-image", expect=5)

        self.assertIn("docker failed", text)
        self.assertEqual(self.containers(), [])


class StandIns(DeployTest):
    """What the programs of platforms are asked for. Functions are played by a `thaw serve`."""

    def setUp(self):
        super().setUp()
        self.service = self.serve()
        for name in ("resize", "mail-v2-1", "classify"):
            self.service.put(name, command=[THAW_FN])
        self.here = f"{self.service.url}/function"

    def test_knative(self):
        self.stand_in("kn", f'case "$2" in describe) echo "{self.here}/$3" ;; esac')
        result = self.load("knative:image=registry/fn,min-scale=1", "--header", "Host: x")
        calls = self.calls()

        self.assertEqual(result["ok"], 30)
        self.assertIn("kn service apply mail-v2-1 --namespace default --image registry/fn --port h2c:80 --scale-min 1 "
                      "--scale-max 200 --concurrency-limit 1 --limit memory=62Mi,cpu=1000m --wait", calls)
        self.assertEqual(sorted(call for call in calls if " delete " in call),
                         [f"kn service delete {name} --namespace default --wait"
                          for name in ("classify", "mail-v2-1", "resize")])

    def test_fission(self):
        self.stand_in("fission", "")
        self.load(f"fission:router={self.service.url.removeprefix('http://')}/function,environment=python,code=f.py")
        calls = self.calls()

        self.assertIn("fission function create --name resize --env python --code f.py --executortype poolmgr --maxmemory "
                      "123", calls)
        self.assertIn("fission route create --name resize --function resize --url /resize --method GET --method POST", calls)
        self.assertEqual(sum(" delete " in call for call in calls), 6)

    def test_openwhisk(self):
        self.stand_in("wsk", "")
        text = self.load("openwhisk:host=127.0.0.1:1,file=f.go", expect=5)
        calls = self.calls()

        # There is no gateway; what is asked for can be seen all the same.
        self.assertIn("no invocation had a good answer", text)
        self.assertIn("wsk action update resize f.go --kind go:1.17 --web true --memory 123 --timeout 300000", calls)
        self.assertEqual(sum(" delete " in call for call in calls), 3)

    def test_aws_lambda(self):
        self.stand_in("aws", f'case "$2" in get-function-url-config) echo "{self.here}/${{4#thaw-*-}}/" ;; esac')
        result = self.load("aws-lambda:image=1234.dkr.ecr/fn,role=arn:aws:iam::1234:role/fn")
        calls = self.calls()

        self.assertEqual(result["ok"], 30)
        created = [call for call in calls if " create-function " in call]
        self.assertEqual(len(created), 3)
        self.assertRegex("\n".join(created), r"--function-name thaw-[0-9a-f]+-resize --package-type Image --code "
                         r"ImageUri=1234.dkr.ecr/fn --role arn:aws:iam::1234:role/fn --timeout 900 --memory-size 123")
        self.assertEqual(sum(" delete-function " in call for call in calls), 3)

    def test_azure_functions(self):
        self.stand_in("az", 'case "$1 $2" in "functionapp show") echo 127.0.0.1:1 ;; esac')
        self.load("azure-functions:zip=f.zip,storage=store", expect=5)
        calls = self.calls()

        self.assertRegex(calls[0], r"^az group create --name thaw-[0-9a-f]+ --location eastus$")
        self.assertEqual(sum("functionapp create" in call for call in calls), 3)
        self.assertEqual(sum("config-zip" in call for call in calls), 3)
        self.assertRegex(calls[-1], r"^az group delete --name thaw-[0-9a-f]+ --yes$")

    def test_a_failure_takes_off_what_is_there(self):
        self.stand_in("kn", 'case "$2 $3" in "apply classify") echo "quota exceeded" >&2; exit 1 ;; '
                            f'describe*) echo "{self.here}/$3" ;; esac')
        text = self.load("knative:image=fn", expect=5)

        self.assertIn("classify: kn failed: quota exceeded", text)
        deleted = {call.split()[3] for call in self.calls() if " delete " in call}
        applied = {call.split()[3] for call in self.calls() if " apply " in call}
        self.assertEqual(deleted, applied - {"classify"})


class Own(DeployTest):
    def test_a_platform_of_the_users_own_is_a_file(self):
        service = self.serve()
        service.put("everything", command=[THAW_FN])
        folder = self.folder / "config/thaw/platforms"
        folder.mkdir(parents=True)
        (folder / "mine.yaml").write_text(f"deploy: ['true']\nurl: {service.url}/function/everything\n")
        result = self.load("mine", env={**self.env, "XDG_CONFIG_HOME": str(self.folder / "config")})

        self.assertEqual(result["ok"], 30)


class Mistakes(DeployTest):
    def test_an_unknown_platform_names_the_others(self):
        text = self.load("knativ:image=x", expect=2)

        self.assertIn('did you mean "knative"?', text)

    def test_an_address_without_a_scheme_is_no_platform(self):
        self.assertIn("a URL begins with http://", self.load("localhost:8080", expect=2))

    def test_a_setting_that_is_needed_is_named(self):
        self.assertIn("needs image", self.load("docker", expect=2))

    def test_a_missing_program_says_where_it_comes_from(self):
        env = {**self.env, "PATH": str(self.tools)}

        self.assertIn("knative.dev", self.load("knative:image=x", expect=4, env=env))


if __name__ == "__main__":
    harness.main()
