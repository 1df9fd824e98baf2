"""Bad input, full disks and kills: what `thaw` says, what it keeps, and that nothing survives it."""

import json
import os
import resource
import signal
import subprocess
import unittest
from pathlib import Path

import command
import harness
from harness import main

# Three quick repetitions; the fourth hangs with a child, and a grandchild in a session of its own.
HANG_AT_FOUR = "[ $THAW_REPETITION -lt 4 ] || { setsid sleep 300 & sleep 300 & sleep 300; }"


class BadInput(command.CommandTest):
    def refuse(self, *arguments, code=2):
        done = self.thaw("bench", "-q", *arguments, expect=code)
        self.assertEqual(done.stdout, "")
        self.assertEqual([path.name for path in self.folder.iterdir() if path.suffix not in (".yaml", ".json")], ["bin"])
        return done

    def test_an_unknown_command_is_refused_with_a_suggestion(self):
        self.assert_hint(self.thaw("benhc", expect=2), '"benhc"', 'did you mean "bench"?')

    def test_an_unknown_option_is_refused_with_a_suggestion(self):
        self.assert_hint(self.refuse("--repet", 3, "--", "true"), '"--repet"', 'did you mean "--repeat"?')

    def test_an_unknown_backend_is_refused_with_a_suggestion(self):
        self.assert_hint(self.refuse("-b", "knatve", "--", "true"), '"knatve"', 'did you mean "knative"?')

    def test_an_unknown_rule_is_refused_with_a_suggestion(self):
        self.assert_hint(self.refuse("-r", "cii", "--", "true"), '"cii"', 'did you mean "ci"?')

    def test_an_unknown_parameter_is_refused_with_a_suggestion(self):
        self.assert_hint(self.refuse("-r", "ci:thresold=1", "--", "true"), '"thresold"', 'did you mean "threshold"?')

    def test_an_unknown_metric_is_refused_with_a_suggestion(self):
        self.assert_hint(self.refuse("-m", "outer_tme", "--", "true"), '"outer_tme"', 'did you mean "outer_time"?')

    def test_an_unknown_key_is_refused_with_place_and_suggestion(self):
        self.file("typo.yaml", "task: x\nrepeet: 3\n")
        done = self.refuse("-f", "typo.yaml", "--", "true")
        self.assert_hint(done, "typo.yaml:2:1", 'did you mean "repeat"?')

    def test_an_unknown_key_of_a_backend_is_refused_with_place_and_suggestion(self):
        self.file("typo.yaml", "backend_options:\n  x:\n    rum: [a]\n")
        self.assert_hint(self.refuse("-f", "typo.yaml", "-b", "x", "--", "true"), "typo.yaml:3:5", 'did you mean "run"?')

    def test_malformed_yaml_is_refused_with_line_and_column(self):
        self.file("bad.yaml", "backend_options:\n  x:\n    run: [a, b\n")
        self.assertRegex(self.refuse("-f", "bad.yaml", "--", "true").stderr, r"bad\.yaml:[34]:\d+")

    def test_a_missing_file_is_named(self):
        self.assertIn("nowhere.yaml", self.thaw("bench", "-f", "nowhere.yaml", "--", "true", expect=2).stderr)

    def test_malformed_inline_json_is_refused(self):
        self.refuse("-j", '{"repeat": ', "--", "true")

    def test_nonsense_values_are_refused(self):
        for words in (["-r", "0"], ["-r", "-3"], ["-r", "ci:threshold=x"], ["--copies", "0"], ["--timeout", "soon"],
                      ["--pin", "nine"], ["--order", "sideways"], ["--format", "xlm"], ["--sweep", "n"], ["--env", "A"]):
            with self.subTest(words=words):
                self.assertIn("error", self.refuse(*words, "--", "true").stderr)

    def test_a_chain_behind_a_terminal_backend_is_refused_with_the_reason(self):
        self.assertIn("no place for an inner command",
                      self.refuse("-b", "docker", "-b", "perf", "--explain", "--", "f").stderr)

    def test_no_program_is_refused(self):
        self.refuse("-r", 1)

    def test_an_empty_program_is_refused(self):
        self.refuse("-r", 1, "--", "")

    def test_a_missing_program_is_exit_code_4(self):
        done = self.refuse("-r", 1, "--", "no-such-program", code=4)
        self.assertIn("no-such-program", done.stderr)
        self.assertIn("hint", done.stderr)

    def test_a_file_that_is_not_executable_is_exit_code_4(self):
        plain = self.file("plain.yaml", "x: 1\n")
        self.assertIn("plain.yaml", self.refuse("-r", 1, "--", plain, code=4).stderr)

    def test_a_missing_input_file_is_exit_code_4(self):
        self.assertIn("nowhere", self.thaw("bench", "--stdin", "nowhere", "-r", 1, "--", "cat", expect=4).stderr)

    def test_a_record_that_is_none_cannot_be_repeated(self):
        self.assertIn("nowhere", self.thaw("bench", "--repro", "nowhere", expect=4).stderr)

    def test_a_broken_record_is_malformed(self):
        outcome = self.quick("-r", 1, "--", "true")
        (outcome.folder / "run.json").write_text('{"schema": "thaw.ru', encoding="utf-8")
        self.assertIn("run.json", self.thaw("bench", "--resume", outcome.folder, expect=3).stderr)


class FullDisk(command.CommandTest):
    def assert_stopped_cleanly(self, stderr, folder, reason):
        self.assertEqual(stderr.count("error:"), 1, stderr)
        self.assertIn(reason, stderr)
        rows = self.rows_so_far(folder)
        self.assertGreater(len(rows), 50)
        self.assertEqual([row.split(",")[1] for row in rows], [str(number + 1) for number in range(len(rows))])

    def test_a_full_disk_keeps_the_rows_before(self):
        harness.need_root("mounting a small file system")
        small = self.folder / "small"
        small.mkdir()
        mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", str(small)], check=False,
                               capture_output=True, text=True)
        if mount.returncode != 0:
            self.skipTest(f"cannot mount a small file system: {mount.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", str(small)], check=True)
        done = self.thaw("bench", "-q", "--skip-context", "-r", 2000, "-o", small / "out", "--", "true", expect=4)
        self.assert_stopped_cleanly(done.stderr, small / "out", "No space left")

    @unittest.expectedFailure
    def test_a_limit_on_the_file_size_keeps_the_rows_before(self):
        limit = 16 << 10
        done = self.thaw("bench", "-q", "--skip-context", "-r", 2000, "-o", "out", "--", "true", expect=4,
                         preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
        self.assert_stopped_cleanly(done.stderr, self.folder / "out", "too large")

    @unittest.expectedFailure
    def test_a_full_standard_output_is_an_error(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([harness.THAW, "bench", "-q", "--skip-context", "--format", "json", "-r", "1", "-o",
                                   "out", "--", "true"], stdout=full, stderr=subprocess.PIPE, text=True, env=self.env,
                                  cwd=self.folder, check=False, timeout=60)
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn("No space left", done.stderr)

    def test_a_folder_that_cannot_be_made_is_named(self):
        self.file("file", "")
        self.assertIn("file", self.thaw("bench", "-r", 1, "-o", "file/out", "--", "true", expect=4).stderr)


class Kill(command.CommandTest):
    def start(self, word, script):
        """A run whose processes carry a mark; it is past its third row, and the fourth repetition runs."""
        mark = command.unique(word)
        process, folder = self.start_bench("-q", "--skip-context", "-r", 9, "--env", f"MARK={mark}", "--",
                                           "sh", "-c", script)
        self.addCleanup(harness.stop, process)
        harness.wait_until(lambda: len(self.rows_so_far(folder)) == 3, "three rows are there")
        harness.wait_until(lambda: self.sleepers(mark) >= 3, "the program and its children run")
        return process, folder, mark

    def sleepers(self, mark):
        return sum(Path(f"/proc/{process}/comm").read_text(encoding="utf-8").strip() == "sleep"
                   for process in harness.processes_with(mark) if os.path.exists(f"/proc/{process}/comm"))

    def finish(self, process, code):
        _, stderr = process.communicate(timeout=30)
        self.assertEqual(process.returncode, code, stderr)

    def record(self, folder):
        return json.loads((folder / "run.json").read_text(encoding="utf-8"))

    def assert_three_rows_and_no_child(self, folder, mark):
        rows = self.rows_so_far(folder)
        self.assertEqual([row.split(",")[1] for row in rows[:3]], ["1", "2", "3"])
        self.assertTrue(all(",ok," in row for row in rows[:3]), rows)
        self.assertFalse(any(",ok," in row for row in rows[3:]), rows)
        self.gone(mark)

    def test_ctrl_c_keeps_the_rows_and_leaves_no_child(self):
        process, folder, mark = self.start("sigint", HANG_AT_FOUR)
        process.send_signal(signal.SIGINT)
        self.finish(process, 130)
        self.assertEqual(self.record(folder)["status"], "interrupted")
        self.assert_three_rows_and_no_child(folder, mark)

    def test_sigterm_keeps_the_rows_and_leaves_no_child(self):
        process, folder, mark = self.start("sigterm", HANG_AT_FOUR)
        process.send_signal(signal.SIGTERM)
        self.finish(process, 143)
        self.assertEqual(self.record(folder)["status"], "interrupted")
        self.assert_three_rows_and_no_child(folder, mark)

    def test_sigkill_keeps_the_rows_and_leaves_no_child(self):
        process, folder, mark = self.start("sigkill", HANG_AT_FOUR)
        process.send_signal(signal.SIGKILL)
        self.finish(process, -signal.SIGKILL)
        self.assert_three_rows_and_no_child(folder, mark)

    def test_a_program_that_ignores_ctrl_c_does_not_keep_thaw(self):
        process, folder, mark = self.start("deaf", f"trap '' INT TERM; {HANG_AT_FOUR}")
        process.send_signal(signal.SIGINT)
        self.finish(process, 130)
        self.assert_three_rows_and_no_child(folder, mark)


class ClosedOutput(command.CommandTest):
    def pipeline(self, text):
        return subprocess.run(["bash", "-c", f"set -o pipefail; {text}"], env={**self.env, "THAW": harness.THAW},
                              cwd=self.folder, capture_output=True, text=True, check=False, timeout=60)

    def test_a_reader_that_stops_early_causes_no_complaint(self):
        done = self.pipeline('"$THAW" bench --list-backends | head -1')
        self.assertEqual(len(done.stdout.splitlines()), 1)
        self.assertEqual(done.stderr, "")

    def test_a_reader_that_is_gone_does_not_cost_the_record(self):
        self.pipeline('"$THAW" bench -q --skip-context --format json -r 20 -o out -- sleep 0.01 | true')
        self.assertEqual(len(self.rows_so_far(self.folder / "out")), 20)
        record = json.loads((self.folder / "out" / "run.json").read_text(encoding="utf-8"))
        self.assertEqual(record["status"], "completed")


if __name__ == "__main__":
    main()
