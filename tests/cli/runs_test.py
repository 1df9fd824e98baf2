"""`thaw runs` over records that `thaw bench` wrote, and `thaw doctor` on this machine."""

import json
import shutil

import command
from harness import main

STATUSES = {"works", "limited", "absent"}
REQUIRED_BACKENDS = {"docker", "fission", "inner_time", "knative", "memory", "perf", "power", "uname", "mpi", "ssh",
                     "local", "time", "strace", "temps", "mpip"}


class Runs(command.CommandTest):
    def measure(self, task, *arguments):
        outcome = self.thaw("bench", "-q", "--skip-context", "--format", "json", "-r", 3, "-e", "lab", "-t", task,
                            *arguments, "--", "true")
        return json.loads(outcome.stdout)

    def listed(self, *arguments):
        return json.loads(self.thaw("runs", "list", "--format", "json", *arguments).stdout)

    def test_list_has_the_newest_first_and_chooses(self):
        first, second = self.measure("one"), self.measure("two")
        self.assertEqual([row["id"] for row in self.listed()], [second["launch_id"], first["launch_id"]])
        self.assertEqual([row["task"] for row in self.listed("--task", "one")], ["one"])
        self.assertEqual(self.listed("--experiment", "other"), [])

    def test_show_prints_the_record_of_an_id_and_of_the_latest(self):
        first, second = self.measure("one"), self.measure("two")
        self.assertEqual(json.loads(self.thaw("runs", "show", first["launch_id"]).stdout)["task"], "one")
        self.assertEqual(json.loads(self.thaw("runs", "show").stdout)["id"], second["launch_id"])

    def test_query_answers_sql_and_changes_nothing(self):
        self.measure("one")
        rows = json.loads(self.thaw("runs", "query", "select task, repetitions from runs", "--format", "json").stdout)
        self.assertEqual(rows, [{"task": "one", "repetitions": 3}])
        self.thaw("runs", "query", "delete from runs", expect=2)
        self.assertEqual(len(self.listed()), 1)

    def test_a_record_that_was_deleted_is_no_longer_listed(self):
        gone = self.measure("one")
        self.measure("two")
        shutil.rmtree(self.folder / gone["out"])
        self.assertEqual([row["task"] for row in self.listed()], ["two"])

    def test_a_catalogue_that_is_lost_is_made_again_from_the_records(self):
        self.measure("one")
        for path in (self.folder / "runs").glob("*.sqlite*"):
            path.unlink()
        self.assertEqual([row["task"] for row in self.listed()], ["one"])

    def test_mistakes_are_told_with_what_to_do(self):
        self.assert_hint(self.thaw("runs", "list", expect=4), "there are no runs yet", "thaw bench")
        self.measure("one")
        self.assert_hint(self.thaw("runs", "lst", expect=2), 'unknown action "lst"', 'did you mean "list"?')
        self.assert_hint(self.thaw("runs", "query", "select x from nosuch", expect=2), "no such table",
                         "the tables are")
        self.assertIn("nosuch", self.thaw("runs", "show", "nosuch", expect=2).stderr)


class Doctor(command.CommandTest):
    def test_every_backend_is_judged_and_what_is_amiss_comes_with_advice(self):
        checks = json.loads(self.thaw("doctor", "--format", "json").stdout)
        named = {name.strip() for check in checks if check["area"] == "backend" for name in check["what"].split(",")}
        self.assertEqual(REQUIRED_BACKENDS - named, set())
        for check in checks:
            with self.subTest(what=check["what"]):
                self.assertIn(check["status"], STATUSES)
                self.assertTrue(check["found"])
                self.assertTrue(check["status"] == "works" or check["hint"])

    def test_a_tool_that_is_missing_is_absent_with_its_package(self):
        self.env["PATH"] = str(self.tools)
        checks = json.loads(self.thaw("doctor", "--format", "json").stdout)
        perf = next(check for check in checks if check["what"] == "perf")
        self.assertEqual(perf["status"], "absent")
        self.assertIn("linux-perf", perf["hint"])


if __name__ == "__main__":
    main()
