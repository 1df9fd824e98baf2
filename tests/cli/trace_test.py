"""`thaw trace info` and `thaw trace convert` on real traces and on broken ones."""

import csv
import gzip
import json
import unittest
import zlib

import command
from command import FIXTURES
from harness import main

TRACES = FIXTURES / "traces"
REAL = TRACES / "azure2019-20b"


class Info(command.CommandTest):
    def info(self, *arguments):
        return json.loads(self.thaw("trace", "info", *arguments, "--format", "json").stdout)

    def test_a_pair_and_its_published_form_say_the_same(self):
        pair, published = self.info(REAL), self.info(REAL / "azure2019")
        self.assertEqual((pair["form"], published["form"]), ("pair", "azure2019"))
        for key in pair:
            if key != "form":
                self.assertEqual(pair[key], published[key], key)

    def test_the_real_trace_is_known(self):
        info = self.info(REAL)
        self.assertEqual(info["schema"], "thaw.trace/1")
        self.assertEqual((info["functions"], info["invocations"]), (20, 104666))
        self.assertEqual(sum(info["rate"]["invocations"]), 104666)
        self.assertEqual(info["memory_mb"]["by_function"]["max"], 223)
        self.assertAlmostEqual(info["popularity"][-1]["share"], 1)

    def test_the_window_selects(self):
        hour = self.info(REAL, "--begin", "12h", "--end", "13h")
        self.assertLess(hour["last_ms"], 3600000)
        self.assertEqual(len(hour["rate"]["invocations"]), 60)

    def test_the_table_is_for_people(self):
        text = self.thaw("trace", "info", TRACES / "azure2021", "--format", "table").stdout
        self.assertIn("31 functions (31 invoked), 199 invocations, form azure2021", text)
        self.assertIn("peak running", text)

    def test_help_shows_examples(self):
        for part in ("info", "convert"):
            self.assertIn(f"thaw trace {part} ", self.thaw("trace", part, "--help").stdout)


class Convert(command.CommandTest):
    def test_to_azure2019_and_back_is_exact(self):
        self.thaw("trace", "convert", REAL, "published", "--to", "azure2019")
        self.thaw("trace", "convert", "published", "back", "--gzip")
        with gzip.open(REAL / "invocations.csv.gz", "rt") as before, \
                gzip.open(self.folder / "back/invocations.csv.gz", "rt") as after:
            self.assertEqual(before.read(), after.read())
        rows = lambda path: list(csv.reader(path.open()))[1:]
        before, after = rows(REAL / "functions.csv"), rows(self.folder / "back/functions.csv")
        self.assertEqual(before, [row[:4] for row in after])

    def test_a_pickle_becomes_a_pair(self):
        self.thaw("trace", "convert", TRACES / "faascache/protocol4.pckl", "out")
        self.assertEqual((self.folder / "out/invocations.csv").read_text(encoding="utf-8").splitlines()[1], "0,a")

    def test_an_unknown_form_is_refused_with_the_nearest(self):
        self.assert_hint(self.thaw("trace", "convert", REAL, "out", "--to", "azure219", expect=2), "azure219",
                         "azure2019")


class BrokenTrace(command.CommandTest):
    FUNCTIONS = "function,memory_mb,cold_ms,warm_ms\na,100,600,100\n"

    def write(self, invocations, functions=FUNCTIONS):
        folder = self.folder / "broken"
        folder.mkdir(exist_ok=True)
        (folder / "functions.csv").write_text(functions, encoding="utf-8", newline="")
        (folder / "invocations.csv").write_text(invocations, encoding="utf-8", newline="")
        return folder

    def test_an_unsorted_trace_is_refused_with_file_line_and_advice(self):
        folder = self.write("time_ms,function\n5,a\n3,a\n")
        done = self.thaw("trace", "info", folder, expect=3)
        self.assert_hint(done, "invocations.csv:3", "--repair")
        self.assertEqual(done.stdout, "")

    def test_repair_reads_on_and_counts(self):
        folder = self.write("time_ms,function\n5,a\n3,a\n-1,a\n4,x\n")
        info = json.loads(self.thaw("trace", "info", folder, "--repair", "--format", "json").stdout)
        self.assertEqual(info["invocations"], 2)
        self.assertEqual({repair["what"]: repair["count"] for repair in info["repairs"]},
                         {"invocations with a negative or missing time dropped": 1,
                          "invocations of unknown functions dropped": 1, "invocations out of order sorted": 1})

    def test_crlf_and_byte_order_mark_are_remarked(self):
        folder = self.write("\ufefftime_ms,function\r\n5,a\r\n")
        info = json.loads(self.thaw("trace", "info", folder, "--format", "json").stdout)
        self.assertEqual(info["invocations"], 1)
        self.assertEqual([remark["what"] for remark in info["remarks"]],
                         ["files with a byte order mark", "files with CRLF line ends"])

    def test_truncated_gzip_is_refused_by_name(self):
        folder = self.write("time_ms,function\n")
        (folder / "invocations.csv").unlink()
        whole = (REAL / "invocations.csv.gz").read_bytes()
        (folder / "invocations.csv.gz").write_bytes(whole[:len(whole) // 2])
        (folder / "functions.csv").write_bytes((REAL / "functions.csv").read_bytes())
        read = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(whole[:len(whole) // 2]).count(b"\n")
        self.assert_hint(self.thaw("trace", "info", folder, expect=3), f"invocations.csv.gz:{read + 1}", "gzip -t")

    def test_a_hostile_pickle_runs_nothing(self):
        (self.folder / "evil.pckl").write_bytes(b"\x80\x02cposix\nsystem\nX\x0a\x00\x00\x00touch evil\x85R.")
        self.assert_hint(self.thaw("trace", "info", "evil.pckl", expect=3), "posix.system", "CSV")
        self.assertFalse((self.folder / "evil").exists())

    def test_a_folder_without_a_trace_is_refused(self):
        (self.folder / "empty").mkdir()
        self.assert_hint(self.thaw("trace", "info", "empty", expect=3), "no trace", "docs/traces.md")

    def test_a_missing_folder_is_exit_code_4(self):
        self.thaw("trace", "info", "nowhere", expect=4)

    def test_an_unknown_part_is_refused_with_the_nearest(self):
        self.assert_hint(self.thaw("trace", "inof", expect=2), "inof", "info")


if __name__ == "__main__":
    main()
