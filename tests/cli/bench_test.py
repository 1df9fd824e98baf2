"""`thaw bench` with real programs: what it prints, what it records, and in which order it runs things."""

import json
import os
import signal
import unittest

import command
import harness
from harness import NASTY, main

RESULT_FIELDS = ["schema", "command", "repetitions", "failed", "stopped_by", "metrics", "warnings", "out"]
METRIC_FIELDS = ["unit", "n", "min", "median", "mean", "stddev", "p95", "p99", "max", "ci95_low", "ci95_high"]
FIRST_COLUMNS = ["launch_id", "repetition", "rank", "started_at", "outer_time_s", "user_s", "system_s",
                 "max_rss_bytes", "exit_code", "status"]

MINE = """
backend_options:
  mine:
    run: [sh, -c, 'echo "value: 7"; exec "$@"', sh, $CMD, $ARGS]
    reset: [sh, -c, 'echo "reset $1" >>resets', sh, $FN]
metrics:
  seven:
    description: A number that the backend prints, read by a shell
    extract: grep value | cut -d' ' -f2
  absent:
    description: A number that nothing prints
    extract: {regex: 'absent ([0-9]+)'}
"""

FAILING_RESET = """
backend_options:
  stuck:
    run: [$CMD, $ARGS]
    reset: [sh, -c, 'exit 3']
"""

AUTO = """
metrics:
  auto:
    description: One metric for each line
    extract: cat
"""


def say(word):
    """A command that adds a word to the log."""
    return ["sh", "-c", f"echo {word} >>log"]


class Output(command.CommandTest):
    def test_json_has_the_promised_fields_in_their_order(self):
        result = self.quick("-r", 3, "--", "true").result
        self.assertEqual([key for key in result if key in RESULT_FIELDS], RESULT_FIELDS)
        self.assertEqual(set(result) - set(RESULT_FIELDS), {"launch_id", "reason", "status"})
        for metric in result["metrics"].values():
            self.assertEqual([key for key in metric if key in METRIC_FIELDS], METRIC_FIELDS)
            self.assertEqual(set(metric) - set(METRIC_FIELDS), {"missing", "lower_is_better"})

    def test_json_has_the_promised_values(self):
        outcome = self.quick("-r", 3, "--", "true")
        result = outcome.result
        self.assertEqual((result["schema"], result["command"], result["repetitions"], result["failed"]),
                         ("thaw.bench/1", ["true"], 3, 0))
        self.assertEqual((result["stopped_by"], result["out"]), ("count", str(outcome.folder)))
        self.assertEqual(result["metrics"]["outer_time"]["unit"], "s")

    def test_samples_begin_with_the_promised_columns(self):
        outcome = self.quick("-r", 1, "--", "true")
        header = (outcome.folder / "samples.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
        self.assertEqual(header[:len(FIRST_COLUMNS)], FIRST_COLUMNS)

    def test_the_summary_is_that_of_the_samples(self):
        outcome = self.quick("-r", 5, "--", "true")
        times = sorted(outcome.numbers("outer_time_s"))
        metric = outcome.result["metrics"]["outer_time"]
        self.assertEqual((metric["n"], metric["min"], metric["median"], metric["max"]),
                         (5, times[0], times[2], times[4]))

    def test_the_table_names_the_record(self):
        done = self.thaw("bench", "-r", 2, "--skip-context", "-o", "here", "--", "true")
        self.assertIn("outer_time", done.stdout)
        self.assertIn("here", done.stdout)

    def test_1200_repetitions_are_1200_rows(self):
        outcome = self.quick("-r", 1200, "--", "true")
        self.assertEqual(outcome.column("repetition"), [str(number) for number in range(1, 1201)])

    def test_a_sleep_of_10_ms_takes_10_to_13_ms(self):
        median = self.quick("-r", 30, "--", "sleep", "0.01").result["metrics"]["outer_time"]["median"]
        self.assertGreaterEqual(median, 0.010)
        self.assertLessEqual(median, 0.013)

    def test_append_adds_rows_and_no_second_header(self):
        first = self.quick("-r", 2, "--", "true")
        self.thaw("bench", "-q", "--skip-context", "-r", 3, "--append", "-o", first.folder, "--", "true")
        self.assertEqual(len(first.rows), 5)
        self.assertEqual(len(set(first.column("launch_id"))), 2)
        self.assertEqual((first.folder / "samples.csv").read_text(encoding="utf-8").count("launch_id"), 1)

    def test_several_commands_are_compared(self):
        done = self.thaw("bench", "-q", "--skip-context", "-r", 10, "-n", "quick", "true", "---",
                         "-n", "slow", "sleep", "0.02")
        self.assertRegex(done.stdout, r"quick.*faster|slow.*slower")

    def test_several_commands_are_cells_of_one_record(self):
        outcome = self.quick("-r", 2, "-n", "a", "true", "---", "-n", "b", "true")
        self.assertEqual([cell["label"] for cell in outcome.result["cells"]], ["a", "b"])
        self.assertEqual(outcome.column("cell"), ["a", "a", "b", "b"])

    def test_explain_names_the_metrics_of_files(self):
        done = self.thaw("bench", "--explain", "-f", self.file("auto.yaml", AUTO), "-b", "uname", "--", "true")
        self.assertEqual([line.split()[1].rstrip(",:") for line in done.stdout.splitlines() if line.startswith("metric")],
                         ["hostname", "kernel", "auto"])

    def test_a_short_command_is_told_beside_the_cost_of_a_start(self):
        warnings = self.bench("-q", "-r", 20, "--", "true").result["warnings"]
        self.assertTrue(any("starting a program alone takes" in text for text in warnings), warnings)

    def test_a_text_that_stays_the_same_is_in_table_and_json(self):
        outcome = self.quick("-r", 3, "-b", "uname", "--", "true")
        self.assertEqual(outcome.result["texts"]["hostname"],
                         {"n": 3, "distinct": 1, "value": os.uname().nodename, "missing": 0})
        self.assertNotIn("hostname", outcome.result["metrics"])
        table = self.thaw("bench", "-q", "--skip-context", "-r", 2, "-b", "uname", "--", "true").stdout
        self.assertIn(f"kernel: {os.uname().release}\n", table)

    def test_of_texts_that_differ_there_is_their_number(self):
        words = self.file("words.yaml", "metrics: {word: {description: w, type: string, extract: {regex: '.+'}}}")
        program = ["sh", "-c", 'echo "word $(($THAW_REPETITION % 2))"']
        outcome = self.quick("-r", 5, "-f", words, "--", *program)
        self.assertEqual(outcome.result["texts"]["word"], {"n": 5, "distinct": 2, "value": None, "missing": 0})
        table = self.thaw("bench", "-q", "--skip-context", "-r", 5, "-f", words, "--", *program).stdout
        self.assertIn("word: 2 different values\n", table)

    def test_explain_runs_nothing(self):
        done = self.thaw("bench", "--explain", "--", "touch", "made here", "it's")
        self.assertIn('["touch", "made here", "it\'s"]', done.stdout)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["bin"])

    def test_the_printed_configuration_runs_the_same_again(self):
        options = ["-r", "2", "--skip-context", "-m", "user_time", "--env", "A=b c", "--timeout", "5s", "--copies", "2"]
        text = self.thaw("bench", "--print-config", *options, "--", *say('"$A"')).stdout
        outcome = self.quick("-f", self.file("printed.json", text))
        self.assertEqual(self.lines("log"), ["b c"] * 4)
        again = outcome.record["configuration"]
        self.assertEqual([again[key] for key in ("repeat", "metric", "env", "timeout", "copies")],
                         ["2", "user_time", {"A": "b c"}, "5s", 2])


class PrintedConfiguration(command.CommandTest):
    """--print-config writes a file that -f reads: it stands for all that was asked for."""

    def assert_stands_for(self, *options):
        printed = self.file("printed.json", self.thaw("bench", "--print-config", *options).stdout)
        self.assertEqual(self.thaw("bench", "--explain", "-f", printed).stdout,
                         self.thaw("bench", "--explain", *options).stdout)
        self.assertEqual(self.thaw("bench", "--print-config", "-f", printed).stdout, printed.read_text(encoding="utf-8"))

    def test_keeps_arguments_and_environment(self):
        self.assert_stands_for("--env", "A=b c", "--", "echo", *NASTY)

    def test_keeps_a_sweep(self):
        self.assert_stands_for("--zip", "--sweep", "n=1,2", "--sweep", "env.X=a,b", "--order", "interleaved", "--",
                               "echo", "{n}")

    def test_keeps_backends_and_hosts(self):
        self.assert_stands_for("-b", "ssh", "-b", "memory", "--hosts", "alpha,beta", "--copies", "2", "--", "true")

    def test_keeps_backends_of_files(self):
        self.assert_stands_for("-f", self.file("mine.yaml", MINE), "-b", "mine", "--cold", "--", "true")

    def test_keeps_several_commands_and_their_order(self):
        self.assert_stands_for("--order", "interleaved", "-n", "a", "echo", "1 2", "---", "-n", "b", "true")

    def test_keeps_a_name_and_a_function(self):
        self.assert_stands_for("-n", "quick one", "--function", "f", "--", "true")

    def test_keeps_every_option(self):
        self.assert_stands_for("--warmup", "2", "--allow-failures", "--warm", "--pin", "0", "--prepare", "echo p",
                               "--conclude", "echo c", "--stdin", "/dev/null", "--seed", "7", "--experiment", "e",
                               "--task", "t", "--description", "d", "-o", "record", "-d", "records", "--append",
                               "--skip-context", "--timeout", "0", "--repeat", "ci:max=9", "--", "true")


class Failures(command.CommandTest):
    def test_a_failing_program_is_marked_and_exit_code_5(self):
        outcome = self.quick("-r", 3, "--", "false", expect=5)
        self.assertEqual(outcome.column("status"), ["failed"] * 3)
        self.assertEqual(outcome.column("exit_code"), ["1"] * 3)
        self.assertEqual(outcome.result["failed"], 3)

    def test_failures_can_be_allowed(self):
        self.assertEqual(self.quick("-r", 2, "--allow-failures", "--", "false").result["failed"], 2)

    def test_statistics_leave_failures_out(self):
        outcome = self.quick("-r", 4, "--", "sh", "-c", "[ $THAW_REPETITION != 2 ]", expect=5)
        self.assertEqual(outcome.column("status"), ["ok", "failed", "ok", "ok"])
        good = [float(row["outer_time_s"]) for row in outcome.rows if row["status"] == "ok"]
        metric = outcome.result["metrics"]["outer_time"]
        self.assertEqual((metric["n"], metric["min"], metric["max"]), (3, min(good), max(good)))

    def test_a_signal_is_in_the_row(self):
        outcome = self.quick("-r", 1, "--", "sh", "-c", "kill -SEGV $$", expect=5)
        self.assertEqual(outcome.column("signal"), ["11"])

    def test_a_timeout_ends_the_whole_group_and_keeps_earlier_rows(self):
        mark = command.unique("timeout")
        outcome = self.quick("-r", 4, "--timeout", "300ms", "--env", f"MARK={mark}", "--", "sh", "-c",
                             "[ $THAW_REPETITION -lt 4 ] || { setsid sleep 300 & sleep 300 & sleep 300; }", expect=5)
        self.assertEqual(outcome.column("status"), ["ok", "ok", "ok", "timeout"])
        self.gone(mark)

    def test_a_program_that_ignores_sigterm_is_killed_at_the_timeout(self):
        mark = command.unique("stubborn")
        outcome = self.quick("-r", 1, "--timeout", "200ms", "--env", f"MARK={mark}", "--", "sh", "-c",
                             "trap '' TERM; while :; do sleep 1; done", expect=5)
        self.assertEqual(outcome.column("status"), ["timeout"])
        self.gone(mark)

    def test_a_warning_about_timeouts_is_said_once(self):
        outcome = self.quick("-r", 6, "--timeout", "30ms", "--", "sleep", "5", expect=5)
        self.assertEqual(len([text for text in outcome.result["warnings"] if "stopped at the timeout" in text]), 1)


class Surroundings(command.CommandTest):
    def test_copies_of_unequal_length_have_their_own_times(self):
        script = "mkdir lock$THAW_REPETITION 2>/dev/null && exec sleep 0.4; exec sleep 0.05"
        outcome = self.quick("-r", 2, "--copies", 2, "--", "sh", "-c", script)
        self.assertEqual(outcome.column("rank"), ["0", "1", "0", "1"])
        times = outcome.numbers("outer_time_s")
        for pair in (times[:2], times[2:]):
            self.assertGreater(max(pair), 0.4)
            self.assertLess(min(pair), 0.4)

    def test_a_processor_that_is_not_there_is_refused(self):
        refused = self.thaw("bench", "--pin", "1000", "-r", 1, "--", "true", expect=4)
        self.assert_hint(refused, "there is no processor 1000", "allows ")

    def test_an_input_that_is_not_there_is_refused_before_anything_is_written(self):
        refused = self.thaw("bench", "--stdin", "nowhere", "-r", 1, "-o", "out", "--", "cat", expect=4)
        self.assert_hint(refused, "cannot read nowhere", "check the path")
        self.assertFalse((self.folder / "out").exists())

    def test_every_repetition_reads_the_whole_input(self):
        self.file("input", "one\ntwo\n")
        self.quick("-r", 2, "--stdin", "input", "--", "sh", "-c", "cat >>got")
        self.assertEqual(self.lines("got"), ["one", "two", "one", "two"])

    def test_without_an_input_the_program_reads_nothing(self):
        self.quick("-r", 1, "--", "sh", "-c", "cat >got")
        self.assertEqual(self.lines("got"), [])

    def test_the_environment_reaches_the_program(self):
        self.quick("-r", 1, "--env", "A=two words", "--env", "B=x=y", "--", *say('"$A" "$B"'))
        self.assertEqual(self.lines("log"), ["two words x=y"])

    def test_the_program_runs_on_the_pinned_processor(self):
        processor = str(max(os.sched_getaffinity(0)))
        self.quick("-r", 1, "--pin", processor, "--", "sh", "-c", "grep Cpus_allowed_list /proc/self/status >log")
        self.assertEqual(self.lines("log"), [f"Cpus_allowed_list:\t{processor}"])

    def test_nasty_arguments_arrive_unchanged(self):
        program, seen = self.witness()
        outcome = self.quick("-r", 1, "--", program, *NASTY)
        self.assert_arrived(seen, NASTY, outcome)
        self.assertEqual(outcome.record["configuration"]["commands"][0]["argv"], [str(program), *NASTY])


class Order(command.CommandTest):
    def log(self, *arguments, **options):
        outcome = self.quick(*arguments, **options)
        return " ".join(self.lines("log")), outcome

    def cells_in_time(self, *arguments):
        rows = self.quick(*arguments).rows
        return [row["cell"] for row in sorted(rows, key=lambda row: row["started_at"])]

    def test_prepare_and_conclude_surround_every_repetition(self):
        log, _ = self.log("-r", 2, "--prepare", "echo P >>log", "--conclude", "echo C >>log",
                          "-n", "a", *say("A"), "---", "-n", "b", *say("B"))
        self.assertEqual(log, "P A C P A C P B C P B C")

    def test_prepare_and_conclude_surround_the_warm_run(self):
        log, _ = self.log("-r", 1, "--warm", "--prepare", "echo P >>log", "--conclude", "echo C >>log",
                          "-n", "a", *say("A"), "---", "-n", "b", *say("B"))
        self.assertEqual(log, "P A C P A C P B C P B C")

    def test_the_warm_run_is_not_recorded(self):
        log, outcome = self.log("-r", 2, "--warm", "--", *say("A"))
        self.assertEqual((log, outcome.column("repetition")), ("A A A", ["1", "2"]))

    def test_a_failing_prepare_is_no_good_repetition(self):
        _, outcome = self.log("-r", 1, "--prepare", "exit 7", "--", *say("A"), expect=5)
        self.assertNotEqual(outcome.column("status"), ["ok"])

    def test_in_turn_finishes_one_cell_after_the_other(self):
        self.assertEqual(self.cells_in_time("-r", 3, "--sweep", "n=1,2", "--", "echo", "{n}"),
                         ["n=1"] * 3 + ["n=2"] * 3)

    def test_interleaved_visits_every_cell_in_each_round(self):
        cells = self.cells_in_time("-r", 4, "--order", "interleaved", "--sweep", "n=1,2,3", "--", "echo", "{n}")
        for start in range(0, 12, 3):
            self.assertEqual(sorted(cells[start:start + 3]), ["n=1", "n=2", "n=3"])

    def test_random_is_the_same_for_the_same_seed(self):
        arguments = ["-r", 6, "--order", "random", "--sweep", "n=1,2,3,4", "--", "echo", "{n}"]
        seven = self.cells_in_time("--seed", 7, *arguments)
        self.assertEqual(seven, self.cells_in_time("--seed", 7, *arguments))
        self.assertNotEqual(seven, self.cells_in_time("--seed", 8, *arguments))
        self.assertEqual(sorted(seven), sorted(["n=1", "n=2", "n=3", "n=4"] * 6))


class Sweep(command.CommandTest):
    def swept(self, *arguments):
        self.quick("-r", 1, *arguments)
        return self.lines("log")

    def test_combines_all_values(self):
        lines = self.swept("--sweep", "n=1,2", "--sweep", "env.X=a,b", "--", *say('{n} "$X"'))
        self.assertEqual(lines, ["1 a", "1 b", "2 a", "2 b"])

    def test_zip_pairs_the_values(self):
        lines = self.swept("--zip", "--sweep", "n=1,2", "--sweep", "env.X=a,b", "--", *say('{n} "$X"'))
        self.assertEqual(lines, ["1 a", "2 b"])

    def test_zip_refuses_lists_of_different_lengths(self):
        self.quick("-r", 1, "--zip", "--sweep", "n=1,2", "--sweep", "m=1,2,3", "--", "echo", "{n}{m}", expect=2)

    def test_copies_are_really_swept(self):
        self.assertEqual(len(self.swept("--sweep", "copies=1,3", "--", *say("x"))), 4)

    def test_the_factors_are_in_the_rows(self):
        outcome = self.quick("-r", 1, "--sweep", "n=1,2", "--", "echo", "{n}")
        self.assertEqual(outcome.column("n"), ["1", "2"])
        first, second = outcome.column("launch_id")
        self.assertRegex(first, r"^sweep_0001_[0-9a-f]{6}$")
        self.assertEqual(second, first.replace("0001", "0002"))


class Again(command.CommandTest):
    def test_repro_keeps_an_adaptive_rule(self):
        first = self.quick("-r", "rse:threshold=5,min=6", "--", "true")
        second = self.quick("--repro", first.folder)
        self.assertEqual((first.result["repetitions"], second.result["repetitions"]), (7, 7))
        self.assertEqual(second.result["stopped_by"], "rse")
        self.assertEqual(second.result["command"], ["true"])

    def test_resume_continues_a_killed_run_to_the_same_total(self):
        process, folder = self.start_bench("-q", "--skip-context", "-r", 12, "--", "sleep", "0.05")
        harness.wait_until(lambda: len(self.rows_so_far(folder)) >= 3, "three rows are there")
        process.send_signal(signal.SIGKILL)
        process.communicate()
        before = self.rows_so_far(folder)
        self.assertLess(len(before), 12)
        self.thaw("bench", "-q", "--resume", folder)
        after = self.rows_so_far(folder)
        self.assertEqual(after[:len(before)], before)
        self.assertEqual([row.split(",")[1] for row in after], [str(number) for number in range(1, 13)])
        self.assertEqual(len({row.split(",")[0] for row in after}), 1)

    def test_resume_continues_several_interleaved_commands(self):
        process, folder = self.start_bench("-q", "--skip-context", "-r", 8, "--order", "interleaved", "-n", "a", "sleep",
                                           "0.03", "---", "-n", "b", "sleep", "0.04")
        harness.wait_until(lambda: len(self.rows_so_far(folder)) >= 5, "five rows are there")
        process.send_signal(signal.SIGKILL)
        process.communicate()
        self.thaw("bench", "-q", "--resume", folder)
        numbers = {"a": [], "b": []}
        for row in map(lambda line: line.split(","), self.rows_so_far(folder)):
            numbers[row[15]].append(int(row[1]))
        self.assertEqual(numbers, {"a": list(range(1, 9)), "b": list(range(1, 9))})

    def test_a_resumed_run_has_the_order_of_an_uninterrupted_one(self):
        for order in ("random", "interleaved", "in-turn"):
            with self.subTest(order=order):
                cells = ["-r", 9, "--order", order, "-n", "a", "sleep", "0.01", "---", "-n", "b", "sleep", "0.01", "---",
                         "-n", "c", "sleep", "0.01"]
                whole = self.quick(*cells).column("cell")
                process, folder = self.start_bench("-q", "--skip-context", *cells)
                harness.wait_until(lambda: len(self.rows_so_far(folder)) >= 7, "seven rows are there")
                process.send_signal(signal.SIGKILL)
                process.communicate()
                self.assertLess(len(self.rows_so_far(folder)), 27)
                self.thaw("bench", "-q", "--resume", folder)
                self.assertEqual([row.split(",")[15] for row in self.rows_so_far(folder)], whole)
                folder.rename(folder.with_name(f"done-{order}"))

    def test_repro_keeps_several_commands_and_their_order(self):
        first = self.quick("-r", 3, "--order", "interleaved", "-n", "a", "true", "---", "-n", "b", "true")
        self.assertEqual(self.quick("--repro", first.folder).column("cell"), first.column("cell"))

    def test_resume_of_a_finished_run_adds_nothing(self):
        first = self.quick("-r", 2, "--", "true")
        done = self.thaw("bench", "-q", "--resume", first.folder)
        self.assertNotIn("bug", done.stderr)
        self.assertEqual(len(first.rows), 2)


class Backends(command.CommandTest):
    def mine(self, *arguments):
        return self.quick("-f", self.file("mine.yaml", MINE), "-b", "mine", *arguments)

    def test_a_yaml_file_is_a_backend(self):
        program, seen = self.witness()
        outcome = self.mine("-r", 1, "--", program, *NASTY)
        self.assert_arrived(seen, NASTY, outcome)

    def test_a_folder_of_the_user_is_searched(self):
        backends = self.folder / "config" / "thaw" / "backends"
        backends.mkdir(parents=True)
        (backends / "mine.yaml").write_text(MINE, encoding="utf-8")
        self.assertEqual(self.quick("-r", 1, "-b", "mine", "--", "true").column("seven"), ["7"])

    def test_a_shell_reads_a_metric(self):
        outcome = self.mine("-r", 2, "--", "true")
        self.assertEqual(outcome.column("seven"), ["7", "7"])
        self.assertEqual(outcome.result["metrics"]["seven"]["mean"], 7)

    def test_a_metric_in_no_output_is_named_and_null(self):
        outcome = self.mine("-r", 2, "--", "true")
        metric = outcome.result["metrics"]["absent"]
        self.assertEqual((metric["n"], metric["median"], metric["mean"]), (0, None, None))
        self.assertEqual(outcome.column("absent"), ["", ""])
        self.assertTrue(any("absent" in text for text in outcome.result["warnings"]), outcome)

    def test_auto_makes_a_column_for_each_name(self):
        outcome = self.quick("-r", 1, "-f", self.file("auto.yaml", AUTO), "--", "printf", r"a 1\nb 2\na 3\n\nlone\n")
        self.assertEqual((outcome.column("a"), outcome.column("b")), (["1", "3"], ["2", "2"]))

    def test_cold_resets_before_every_repetition_and_knows_the_function(self):
        self.mine("-r", 3, "--cold", "--function", "thumbnail", "--", "true")
        self.assertEqual(self.lines("resets"), ["reset thumbnail"] * 3)

    def test_cold_without_any_reset_is_a_warning_in_record_and_result(self):
        outcome = self.quick("-r", 2, "--cold", "-b", "uname", "--", "true")
        for place in (outcome.result, outcome.record):
            self.assertTrue(any("--cold changed nothing" in text for text in place["warnings"]), place["warnings"])
        shown = self.thaw("bench", "--skip-context", "-r", 2, "--cold", "-b", "uname", "--", "true")
        self.assertIn("--cold changed nothing", shown.stderr)

    def test_a_run_that_is_not_cold_resets_nothing(self):
        self.mine("-r", 1, "--", "true")
        self.assertEqual(self.lines("resets"), [])

    def test_a_failed_reset_is_a_failed_repetition_that_does_not_run(self):
        outcome = self.quick("-r", 2, "--cold", "-f", self.file("stuck.yaml", FAILING_RESET), "-b", "stuck", "--",
                             *say("ran"), expect=5)
        self.assertEqual(outcome.column("status"), ["reset_failed"] * 2)
        self.assertEqual(self.lines("log"), [])


if __name__ == "__main__":
    main()
