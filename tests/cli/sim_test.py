"""`thaw sim run` and `sweep`: what they print, clusters, and mistakes that are found before anything is simulated."""

import csv
import json

import command
from harness import main

TRACE = command.FIXTURES / "traces" / "azure2019-20c"


class SimTest(command.CommandTest):
    def run_sim(self, *arguments, trace=TRACE, policy="lru", memory="600", expect=0):
        return self.thaw("sim", "run", "-q", "--trace", trace, "--policy", policy, "--memory", memory, *arguments,
                         expect=expect)

    def rows(self, *arguments, **options):
        return [json.loads(line) for line in self.run_sim("--format", "ndjson", *arguments, **options).stdout.splitlines()]

    def table(self, folder, name):
        with (self.folder / folder / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


class Lines(SimTest):
    FIELDS = ("policy model memory_mb invocations cold warm dropped evictions expirations prewarms end_pool end_used_mb "
              "max_pool cold_ms_total idle_gb_s exec_increase_pct exec_increase_pct_legacy hit_ratio slowdown_p50 "
              "slowdown_p99 wall_s invocations_per_s").split()

    def test_an_object_for_each_policy_and_memory_has_the_promised_fields_in_their_order(self):
        rows = self.rows(policy="lru,gd", memory="600,1000")
        self.assertEqual([(row["policy"], row["memory_mb"]) for row in rows],
                         [("lru", 600), ("lru", 1000), ("gd", 600), ("gd", 1000)])
        for row in rows:
            self.assertEqual([field for field in row if field in self.FIELDS], self.FIELDS)
            self.assertEqual(row["cold"] + row["warm"] + row["dropped"], row["invocations"])


class PerFunction(SimTest):
    def test_counts_of_each_function_go_to_the_record_and_to_the_file_named(self):
        row, = self.rows("--per-function", "counts.csv", "-o", "named")
        named = (self.folder / "counts.csv").read_text(encoding="utf-8")
        self.assertEqual(named, (self.folder / "named" / "functions.csv").read_text(encoding="utf-8"))
        functions = list(csv.DictReader(named.splitlines()))
        for key in ("cold", "warm", "dropped", "evictions"):
            self.assertEqual(sum(int(function[key]) for function in functions), row[key])
        self.run_sim("--per-function", "-o", "unnamed")
        self.assertEqual(len(self.table("unnamed", "functions.csv")), row["functions"])


class Repairs(SimTest):
    def setUp(self):
        super().setUp()
        folder = self.folder / "unsorted"
        folder.mkdir()
        (folder / "functions.csv").write_text("function,memory_mb,warm_ms,cold_ms\nf,100,10,500\n", encoding="utf-8")
        (folder / "invocations.csv").write_text("time_ms,function\n5,f\n1,f\n", encoding="utf-8")

    def test_what_was_mended_is_told_and_stands_in_the_record(self):
        self.run_sim(trace="unsorted", expect=3)
        done = self.thaw("sim", "run", "--trace", "unsorted", "-p", "lru", "-m", "600", "--repair", "-o", "mended")
        self.assertIn("unsorted: repaired: invocations out of order sorted (1)", done.stderr)
        record = json.loads((self.folder / "mended" / "run.json").read_text(encoding="utf-8"))
        self.assertEqual(record["warnings"], ["unsorted: repaired: invocations out of order sorted (1)"])
        self.thaw("sim", "sweep", "--resume", "mended", "-q")
        again = json.loads((self.folder / "mended" / "run.json").read_text(encoding="utf-8"))
        self.assertEqual(again["warnings"], record["warnings"])

    def test_what_was_mended_is_told_by_whoever_reads_a_trace(self):
        for command_line in (["curve"], ["provision"], ["bounds", "-m", "600"]):
            done = self.thaw("sim", *command_line, "--trace", "unsorted", "--repair")
            self.assertIn("repaired: invocations out of order sorted (1)", done.stderr)


class Formulas(SimTest):
    def test_several_are_given_by_several_options(self):
        rows = self.rows("--policy", "EXPR:clock + freq*cost/size", "-p", "gd", policy="expr:last_use")
        self.assertEqual([row["policy"] for row in rows], ["expr:last_use", "expr:clock + freq*cost/size", "gd"])

    def test_have_logs_of_their_own(self):
        self.rows("--logs", "logs", "-p", "expr:freq/size", policy="expr:freq*size")
        self.assertEqual(len(list((self.folder / "logs").iterdir())), 6)


class Score(SimTest):
    def test_takes_records_as_well_as_their_rows(self):
        rows = self.run_sim("--format", "ndjson", "-o", "record", policy="lru,gd", memory="600,1000").stdout
        (self.folder / "rows.ndjson").write_text(rows, encoding="utf-8")
        of_record, of_rows = (self.thaw("sim", "score", name, "--from", "600", "--format", "json").stdout
                              for name in ("record", "rows.ndjson"))
        self.assertEqual(json.loads(of_record), json.loads(of_rows))
        self.assertIn('"gd"', of_record)


class Cluster(SimTest):
    def test_has_a_row_for_each_server_and_its_waits(self):
        row, = self.rows("--servers", 3, "--cores", 1, "--route", "least-loaded", "--timeline", "-o", "cluster")
        servers = self.table("cluster", "servers.csv")
        self.assertEqual([server["server"] for server in servers], ["0", "1", "2"])
        self.assertEqual(sum(int(server["invocations"]) for server in servers), row["invocations"])
        self.assertEqual(sum(int(server["waited"]) for server in servers), row["waited"])
        self.assertGreater(row["waited"], 0)
        self.assertGreater(row["wait_p99_ms"], row["wait_p50_ms"])
        for minute in self.table("cluster", "memory.csv"):
            self.assertLessEqual(float(minute["used_mb"]), 3 * 600 + 0.001)

    def test_writes_the_logs_of_its_servers_together(self):
        row, = self.rows("--servers", 2, "--logs", "logs")
        log, = (self.folder / "logs").glob("*performancelog.csv")
        self.assertEqual(len(log.read_text(encoding="utf-8").splitlines()) - 1, row["cold"] + row["warm"])

    def test_of_one_server_writes_the_logs_of_the_clean_model(self):
        self.run_sim("--logs", "plain")
        self.run_sim("--logs", "cluster", "--cores", 100_000)
        names = sorted(path.name for path in (self.folder / "plain").iterdir())
        self.assertEqual(len(names), 3)
        # Times of a cluster are whole nanoseconds.
        for name in names:
            plain, cluster = (list(csv.reader((self.folder / folder / name).open())) for folder in ("plain", "cluster"))
            self.assertEqual([row[1:] for row in plain if name.endswith("memusagehist.csv")],
                             [row[1:] for row in cluster if name.endswith("memusagehist.csv")])
            self.assertEqual(len(plain), len(cluster))

    def test_drops_who_has_waited_too_long(self):
        patient, = self.rows("--cores", 1)
        hasty, = self.rows("--cores", 1, "--max-wait", "1s")
        self.assertEqual(patient["abandoned"], 0)
        self.assertGreater(hasty["abandoned"], 0)
        self.assertLessEqual(hasty["wait_p99_ms"], 1000.001)

    def test_is_for_the_clean_model_only(self):
        self.assertIn("--servers", self.run_sim("--servers", 2, "--model", "faascache", expect=2).stderr)


class Synthetic(SimTest):
    def test_a_named_trace_is_the_one_that_synth_writes(self):
        self.thaw("trace", "synth", "--like", "azure2019", "--functions", 50, "--invocations", 20000, "--seed", 3, "-o", "made")
        read, = self.rows("--reproducible", trace="made", memory="2GB", policy="gd")
        named, = self.rows("--reproducible", trace="synth:azure2019:functions=50:invocations=20000:seed=3", memory="2GB",
                           policy="gd")
        streamed, = self.rows("--reproducible", "--stream-above", 1000, memory="2GB", policy="gd",
                              trace="synth:azure2019:functions=50:invocations=20000:seed=3")
        self.assertEqual(named, streamed)
        for row in (read, named):
            del row["trace"]
        self.assertEqual(read, named)


class Provision(SimTest):
    def test_a_least_change_of_nothing_is_one(self):
        self.thaw("sim", "provision", "--trace", TRACE, "--least-change", "0MB")

    def test_starts_with_one_size(self):
        done = self.thaw("sim", "provision", "--trace", TRACE, "--start", "1GB,2GB", expect=2)
        self.assertIn("--start", done.stderr)


class Mistakes(SimTest):
    def test_bounds_for_what_has_none_are_refused_before_anything_is_simulated(self):
        for arguments in (["--model", "faascache"], ["--functions", "5"], ["--cores", "2"], ["--trace", TRACE]):
            trace = self.folder / "other" if arguments[0] == "--trace" else TRACE
            done = self.run_sim("--bounds", "-o", "bounds", *arguments, trace=trace, expect=2)
            self.assertIn("--bounds", done.stderr)
            self.assertFalse((self.folder / "bounds").exists())

    def test_options_of_the_experiment_are_refused_beside_resume(self):
        self.run_sim("-o", "done")
        for option in (["--servers", "2"], ["--cores", "1"], ["--route", "hash"], ["--queue", "1"],
                       ["--max-wait", "1s"], ["--wait-for-memory"]):
            done = self.thaw("sim", "sweep", "--resume", "done", *option, expect=2)
            self.assertIn(f"{option[0]} cannot be given with --resume", done.stderr)

    def test_an_empty_part_of_the_trace_is_refused(self):
        for arguments in (["--from", "2s", "--to", "1s"], ["--to", "0s"], ["--from", "1h", "--to", "1h"]):
            self.assertIn("--to", self.run_sim(*arguments, expect=2).stderr)

    def test_a_hit_ratio_above_one_is_refused(self):
        for command_name in ("curve", "provision"):
            for target in ("90", "1.5", "0", "-0.1", "nan"):
                done = self.thaw("sim", command_name, "--trace", TRACE, f"--target={target}", expect=2)
                self.assertIn("--target", done.stderr)

    def test_an_empty_formula_is_refused(self):
        self.assertIn("write for example", self.run_sim(policy="expr:", expect=2).stderr)

    def test_a_mistake_names_the_whole_command(self):
        self.assertIn("thaw sim run --help", self.run_sim("--servers", "many", expect=2).stderr)

    def test_no_memory_is_refused(self):
        for memory in ("0", "-5", "nan", "0MB", ""):
            self.run_sim(memory=memory, expect=2)


if __name__ == "__main__":
    main()
