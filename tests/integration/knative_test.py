"""The knative backend: the real kubectl and curl, a stand-in API server, and functions that really run."""

from harness import IntegrationTest, free_port, main, need_program
from kubernetes import Cluster


class KnativeTest(IntegrationTest):
    def setUp(self):
        super().setUp()
        need_program("kubectl", "kubernetes-client")
        self.cluster = Cluster(self)
        self.cluster.services["hello"] = f"http://127.0.0.1:{self.serve_micro('args')}"
        for name, service in (("hello-1", "hello"), ("hello-world-1", "hello-world"), ("hello2-1", "hello2"),
                              ("database-1", None)):
            labels = {"serving.knative.dev/service": service} if service else {"app": "database"}
            self.cluster.add_pod(name, labels)

    def test_warm_calls_look_the_address_up_once_and_delete_nothing(self):
        outcome = self.bench("-b", "inner_time", "-b", "knative", "--skip-context", "--warm", "--repeat", 3, "--",
                             "hello", "[1, 2]")
        self.assertEqual(outcome.column("status"), ["ok"] * 3)
        self.assertEqual(len(outcome.numbers("inner_time")), 3)
        self.assertEqual(len([r for r in self.cluster.requests if "/services/hello" in r]), 1)
        self.assertEqual(self.cluster.deleted, [])

    def test_a_layer_that_would_have_to_be_inside_is_refused(self):
        outcome = self.bench("-b", "knative", "-b", "perf", "--repeat", 1, "--", "hello", expect=2)
        self.assertIn("knative", outcome.err)

    def test_the_arguments_are_the_body_of_the_request(self):
        metric = self.file("m.yaml", "metrics:\n  first:\n    description: x\n    type: string\n"
                                     "    extract: {regex: '^(\".*\")$'}\n")
        outcome = self.bench("-f", metric, "-b", "knative", "--skip-context", "--repeat", 1, "--", "hello",
                             '["it\'s $HOME * ü"]')
        self.assertEqual(outcome.column("first"), ['"it\'s $HOME * ü"'])

    def test_a_cold_start_deletes_the_pods_of_this_service_and_no_other(self):
        outcome = self.bench("-b", "knative", "--skip-context", "--cold", "--repeat", 2, "--", "hello")
        self.assertEqual(outcome.column("status"), ["ok"] * 2)
        self.assertEqual(self.cluster.deleted, ["hello-1", "hello-2"])
        self.assertEqual({name for _, name in self.cluster.pods}, {"hello-3", "hello-world-1", "hello2-1", "database-1"})

    def test_a_service_that_the_cluster_does_not_know_is_an_error(self):
        outcome = self.bench("-b", "knative", "--skip-context", "--repeat", 1, "--", "missing", expect=4)
        self.assertIn('services.serving.knative.dev "missing" not found', outcome.err)

    def test_a_function_that_fails_is_a_failed_repetition(self):
        self.cluster.services["hello"] += "/no-such-path"
        outcome = self.bench("-b", "knative", "--skip-context", "--repeat", 2, "--", "hello", expect=5)
        self.assertEqual(outcome.column("status"), ["failed"] * 2)

    def test_without_an_api_server_the_message_says_what_to_check(self):
        config = self.folder / "kubeconfig"
        config.write_text(config.read_text().replace(str(self.cluster.port), str(free_port())))
        outcome = self.bench("-b", "knative", "--skip-context", "--repeat", 1, "--", "hello", expect=4)
        self.assertIn("was refused - did you specify the right host or port", outcome.err)
        self.assertIn("check kubectl's server and context", outcome.err)


if __name__ == "__main__":
    main()
