"""`thaw stats` and `thaw compare` against the known answers of the predecessor."""

import csv
import io
import json
import math
import unittest

import command
from command import FIXTURES
from harness import main

SHARP = FIXTURES / "sharp"
HYPERFINE = FIXTURES / "hyperfine" / "two_commands.json"

# The repetition at which a rule stops, by stream; ks as it is documented.
STOPS = {
    "rse": {"const10": 16, "cyc5": 16, "ramp": 33, "sine": 16, "unif": 16},
    "ci": {"const10": 16, "cyc5": 18, "ramp": 100, "sine": 16, "unif": 16},
    "hdi": {"const10": 16, "cyc5": 200, "ramp": 200, "sine": 200, "unif": 16},
    "ks": {"const10": 5, "cyc5": 10, "ramp": 1000, "sine": 6, "unif": 108},
    "decision": {"const10": 25, "ramp": 25, "sine": 25, "unif": 25},
    "gmm": {"const10": 33},
    "bb": {"const10": 200},
}

# mean, standard deviation of the first 16 values.
FIRST_16 = {"cyc5": (11.875, 1.5), "ramp": (8.5, 4.760952), "sine": (10.192355, 0.678626),
            "unif": (10.493396, 0.253603)}

# Mann-Whitney U and p, KS D and p of values 1 to 12 against 13 to 24.
HALVES = {"cyc5": (62, 0.575794, 0.166667, 0.998485), "ramp": (0, 3.65846e-05, 1, 7.39602e-07),
          "unif": (73, 0.976970, 0.333333, 0.536098), "const10": (72, 1, 0, 1)}


def uniform(seed):
    """The linear congruential generator s = (1103515245 s + 12345) mod 2^31, as numbers below 1."""
    state = seed
    while True:
        state = (1103515245 * state + 12345) % 2**31
        yield state / 2**31


def normal(draws):
    return sum(next(draws) for _ in range(12)) - 6


def bimodal(draws):
    centre = 10 if next(draws) < 0.5 else 20
    return centre + 0.1 * normal(draws)


def stream(name, count):
    """The first values of a stream, rounded to 6 decimals except for the sine."""
    draws = uniform(7 if name == "wide" else 42)
    formulas = {
        "const10": lambda i: 10,
        "cyc5": lambda i: 10 + i % 5,
        "ramp": lambda i: i + 1,
        "unif": lambda i: 10 + next(draws),
        "norm": lambda i: 100 + 5 * normal(draws),
        "logn": lambda i: math.exp(0.5 * normal(draws)),
        "bimodal": lambda i: bimodal(draws),
        "wide": lambda i: math.exp(2 * normal(draws)),
    }
    if name == "sine":
        return [10 + math.sin(2 * math.pi * i / 10) for i in range(count)]
    return [round(formulas[name](i), 6) for i in range(count)]


def lines(values):
    return "".join(f"{value!r}\n" for value in values)


class Streams(unittest.TestCase):
    """The generators themselves, so that a wrong stream does not look like a wrong rule."""

    def test_begin_with_the_published_values(self):
        published = {"unif": [10.582308, 10.519819, 10.465976], "norm": [100.266065, 99.971213, 103.691048, 99.299001],
                     "logn": [1.026964, 0.997125, 1.446439], "bimodal": [20.003287, 9.962592, 20.15178],
                     "wide": [3.715128, 0.25918, 9.676067]}
        for name, values in published.items():
            with self.subTest(stream=name):
                self.assertEqual(stream(name, len(values)), values)


class Stop(command.CommandTest):
    def stop(self, rule, values):
        return json.loads(self.thaw("stats", "stop", "--repeat", rule, "-", text=lines(values)).stdout)

    def test_every_rule_stops_where_the_table_says(self):
        for rule, streams in STOPS.items():
            for name, expected in streams.items():
                with self.subTest(rule=rule, stream=name):
                    self.assertEqual(self.stop(rule, stream(name, 1000))["stopped_at"], expected)

    def test_the_block_bootstrap_never_stops_before_21(self):
        for name in ("cyc5", "sine", "unif", "norm", "logn", "bimodal", "wide"):
            with self.subTest(stream=name):
                self.assertGreaterEqual(self.stop("bb", stream(name, 200))["stopped_at"], 21)

    def test_a_rule_that_never_stops_says_null(self):
        self.assertIsNone(self.stop("ks", stream("ramp", 100))["stopped_at"])

    def test_a_count_stops_at_its_number(self):
        self.assertEqual(self.stop("5", stream("unif", 9))["stopped_at"], 5)

    def test_parameters_change_the_answer(self):
        self.assertEqual(self.stop("ci:threshold=5,min=5", stream("unif", 50))["stopped_at"], 6)

    def test_a_file_gives_what_standard_input_gives(self):
        values = lines(stream("unif", 200))
        self.file("unif.txt", values)
        by_file = self.thaw("stats", "stop", "--repeat", "ks", "unif.txt").stdout
        self.assertEqual(by_file, self.thaw("stats", "stop", "--repeat", "ks", "-", text=values).stdout)

    def test_an_unknown_rule_is_refused_with_a_suggestion(self):
        done = self.thaw("stats", "stop", "--repeat", "kss", "-", expect=2, text="1\n")
        self.assert_hint(done, 'no stopping rule "kss"', 'did you mean "ks"?')

    def test_a_line_that_is_no_number_is_named(self):
        done = self.thaw("stats", "summary", "-", expect=3, text="1\n2\nthree\n")
        self.assertIn("three", done.stderr)
        self.assertIn("3", done.stderr)

    def test_two_numbers_on_a_line_are_not_passed_over_in_silence(self):
        done = self.thaw("stats", "stop", "--repeat", "5", "-", expect=3, text="1 2\n3 4\n")
        self.assertIn("1 2", done.stderr)


class Summary(command.CommandTest):
    def summary(self, values):
        return json.loads(self.thaw("stats", "summary", "--format", "json", "-", text=lines(values)).stdout)

    def test_the_first_16_values_have_the_known_mean_and_deviation(self):
        for name, (mean, deviation) in FIRST_16.items():
            with self.subTest(stream=name):
                summary = self.summary(stream(name, 16))
                self.assertAlmostEqual(summary["mean"], mean, 6)
                self.assertAlmostEqual(summary["stddev"], deviation, 6)

    def test_200_uniform_values_have_the_known_summary(self):
        expected = {"min": 10.00366, "median": 10.53228, "mean": 10.52095, "ci95_low": 10.47961, "ci95_high": 10.5623,
                    "p95": 10.96543, "p99": 10.99462, "max": 10.99984, "stddev": 0.29653}
        summary = self.summary(stream("unif", 200))
        for key, value in expected.items():
            with self.subTest(key=key):
                self.assertAlmostEqual(summary[key], value, 5)

    def test_one_to_ten_have_the_known_summary(self):
        summary = self.summary(range(1, 11))
        expected = {"n": 10, "mean": 5.5, "median": 5.5, "stddev": 3.02765, "stderr": 0.95743, "ci95_low": 3.33415,
                    "ci95_high": 7.66585, "p95": 9.55, "p99": 9.91, "cv": 0.55048}
        for key, value in expected.items():
            with self.subTest(key=key):
                self.assertAlmostEqual(summary[key], value, 5)


class CompareNumbers(command.CommandTest):
    def test_the_halves_have_the_known_tests(self):
        for name, (u, p, d, ks_p) in HALVES.items():
            with self.subTest(stream=name):
                values = stream(name, 24)
                self.file("first.txt", lines(values[:12]))
                self.file("second.txt", lines(values[12:]))
                done = self.thaw("stats", "compare", "first.txt", "second.txt", "--format", "json")
                metric = json.loads(done.stdout)
                self.assertEqual(metric["mann_whitney_u"], u)
                self.assertAlmostEqual(metric["p_value"], p, 6)
                self.assertAlmostEqual(metric["ks_d"], d, 6)
                self.assertAlmostEqual(metric["ks_p"], ks_p, 6)


class Compare(command.CommandTest):
    def rows(self, *arguments):
        done = self.thaw("compare", *arguments, "--format", "csv")
        return {row["metric"]: row for row in csv.DictReader(io.StringIO(done.stdout))}

    def assert_row(self, row, expected):
        for key, value in expected.items():
            with self.subTest(key=key):
                if isinstance(value, str):
                    self.assertEqual(row[key], value)
                else:
                    self.assertAlmostEqual(float(row[key]), value, delta=abs(value) * 1e-3 + 1e-12)

    def test_fast_against_slow_is_the_known_row(self):
        row = self.rows(SHARP / "sleep_fast.csv", SHARP / "sleep_slow.csv")["outer_time"]
        self.assert_row(row, {"baseline_n": 10, "baseline_median": 0.4119, "treatment_median": 0.50815,
                              "baseline_mean": 0.41289, "treatment_mean": 0.50527, "baseline_stddev": 0.012815,
                              "treatment_stddev": 0.010496, "median_diff": 0.09625, "pct_change": 23.37,
                              "mann_whitney_u": 0, "p_value": 1.7861e-4, "effect_size": 1, "ks_p": 1.0825e-5,
                              "improved": "No", "verdict": "worse"})

    def test_slow_against_fast_is_an_improvement(self):
        row = self.rows(SHARP / "sleep_slow.csv", SHARP / "sleep_fast.csv")["outer_time"]
        self.assert_row(row, {"median_diff": -0.09625, "pct_change": -18.94, "mann_whitney_u": 100,
                              "p_value": 1.7861e-4, "effect_size": -1, "improved": "Yes", "verdict": "better"})

    def test_inner_time_is_compared_with_its_ties(self):
        row = self.rows(SHARP / "sleep_fast.csv", SHARP / "sleep_slow.csv", "--metric", "inner_time")["inner_time"]
        self.assert_row(row, {"baseline_median": 0.1001, "treatment_median": 0.2001, "median_diff": 0.1,
                              "pct_change": 99.9, "mann_whitney_u": 0, "p_value": 5.7206e-5, "effect_size": 1})

    def test_csv_has_no_bar(self):
        done = self.thaw("compare", SHARP / "sleep_fast.csv", SHARP / "sleep_slow.csv", "--format", "csv")
        self.assertNotIn("|", done.stdout)

    def test_markdown_is_a_table_with_bars(self):
        done = self.thaw("compare", SHARP / "sleep_fast.csv", SHARP / "sleep_slow.csv", "--format", "md")
        self.assertRegex(done.stdout, r"(?m)^\|.*outer_time.*\|$")

    def test_the_shortest_verdict_names_the_ratio(self):
        done = self.thaw("compare", SHARP / "sleep_slow.csv", SHARP / "sleep_fast.csv", "--metric", "outer_time")
        self.assertRegex(done.stdout, r"is 1\.2\d × faster")

    def test_hyperfines_two_commands_are_compared(self):
        times = [result["times"] for result in json.loads(HYPERFINE.read_text(encoding="utf-8"))["results"]]
        row = self.rows(HYPERFINE)["outer_time"]
        self.assert_row(row, {"baseline_n": len(times[0]), "baseline_mean": sum(times[0]) / len(times[0]),
                              "treatment_n": len(times[1]), "treatment_mean": sum(times[1]) / len(times[1])})

    def test_records_of_different_tools_are_compared(self):
        self.assertIn("outer_time", self.rows(SHARP / "sleep_fast.csv", f"{HYPERFINE}#2"))

    def test_three_records_get_corrected_p_values(self):
        done = self.thaw("compare", SHARP / "sleep_fast.csv", SHARP / "sleep_slow.csv", SHARP / "nope_test.csv",
                         "--metric", "outer_time", "--format", "json")
        for candidate in json.loads(done.stdout)["candidates"]:
            metric = candidate["metrics"]["outer_time"]
            self.assertGreater(metric["p_adjusted"], metric["p_value"])

    def test_a_failed_gate_is_exit_code_6(self):
        done = self.thaw("compare", SHARP / "sleep_fast.csv", SHARP / "sleep_slow.csv", "--fail-if", "median > +5%",
                         expect=6)
        self.assertIn("median > +5%", done.stderr)

    def test_a_gate_that_holds_is_exit_code_0(self):
        self.thaw("compare", SHARP / "sleep_slow.csv", SHARP / "sleep_fast.csv", "--fail-if", "p99 > +5%")
        self.thaw("compare", SHARP / "sleep_fast.csv", SHARP / "sleep_slow.csv", "--fail-if", "outer_time.p99 > 600ms")

    def test_a_gate_that_makes_no_sense_is_refused(self):
        self.thaw("compare", SHARP / "sleep_fast.csv", SHARP / "sleep_slow.csv", "--fail-if", "p99 >> fast", expect=2)

    def test_several_launches_without_a_choice_are_refused_with_their_names(self):
        done = self.thaw("compare", SHARP / "two_launches.csv", SHARP / "sleep_slow.csv", expect=2)
        self.assert_hint(done, "2 launches", "aaaa1111")

    def test_a_chosen_launch_is_compared(self):
        self.assertIn("outer_time", self.rows(f"{SHARP / 'two_launches.csv'}#aaaa1111", SHARP / "sleep_slow.csv"))

    def test_a_missing_file_is_named(self):
        done = self.thaw("compare", "nowhere.csv", SHARP / "sleep_slow.csv", expect=4)
        self.assertIn("nowhere.csv", done.stderr)

    def test_an_unknown_metric_is_refused_with_the_known_ones(self):
        done = self.thaw("compare", SHARP / "sleep.csv", SHARP / "sleep_slow.csv", "--metric", "foo", expect=2)
        self.assert_hint(done, '"foo"', "outer_time")

    def test_a_broken_json_is_malformed(self):
        self.file("broken.json", '{"results": [')
        self.thaw("compare", "broken.json", SHARP / "sleep_slow.csv", expect=3)


if __name__ == "__main__":
    main()
