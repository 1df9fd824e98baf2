"""What the documents promise is there: links, named tests, make targets, purposes of random streams.

Usage: docs_test.py SOURCE-TREE
"""

import re
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(sys.argv.pop(1))


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def pages():
    """Every Markdown page of the project: the top folder and docs/."""
    return sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md"))


def without_code(text):
    return re.sub(r"`[^`\n]*`", "", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


def test_names():
    """Suite.Name of every GoogleTest case, every method of a Python test and every add_test."""
    names = set()
    for path in (ROOT / "tests").rglob("*"):
        if path.suffix == ".cpp":
            found = re.findall(r"\b(?:TEST|TEST_F|TEST_P|TYPED_TEST)\(\s*(\w+),\s*(\w+)\s*\)", path.read_text(encoding="utf-8"))
            names |= {f"{suite}.{name}" for suite, name in found}
        elif path.suffix == ".py":
            suite = ""
            for line in path.read_text(encoding="utf-8").splitlines():
                if match := re.match(r"class (\w+)", line):
                    suite = match.group(1)
                elif match := re.match(r"    def (test_\w+)", line):
                    names.add(f"{suite}.{match.group(1)}")
        elif path.name == "CMakeLists.txt":
            names |= set(re.findall(r"add_test\(\s*NAME\s+([\w.]+)", path.read_text(encoding="utf-8")))
    return names


class Docs(unittest.TestCase):
    def test_links_lead_somewhere(self):
        for page in pages():
            for target in re.findall(r"\]\(([^)\s]+)\)", without_code(page.read_text(encoding="utf-8"))):
                if re.match(r"[a-z]+:", target):
                    continue
                path = target.split("#")[0]
                with self.subTest(page=page.name, target=target):
                    self.assertTrue((page.parent / path).exists())

    def test_readme_is_at_most_150_lines(self):
        self.assertLessEqual(len(read("README.md").splitlines()), 150)

    def test_requirements_name_tests_and_files_that_exist(self):
        names = test_names()
        for row in re.findall(r"^\| [A-Z]\d+ \|.*$", read("docs/requirements.md"), flags=re.MULTILINE):
            shown_by = row.strip("| ").split(" | ")[-1]
            self.assertTrue(shown_by.strip("| "), row)
            for name in re.findall(r"`([^`]+)`", shown_by):
                with self.subTest(row=row[:60], name=name):
                    word = name.split()[0]
                    if re.fullmatch(r"[A-Z]\w+\.\w+", word) and not (ROOT / word).exists():
                        self.assertTrue(word in names, "no test of this name")
                    elif "/" in word:
                        self.assertTrue((ROOT / word).exists())

    def test_requirement_ids_are_unique(self):
        ids = re.findall(r"^\| ([A-Z]\d+) \|", read("docs/requirements.md"), flags=re.MULTILINE)
        self.assertEqual(len(ids), len(set(ids)))

    def test_vocabulary_explains_each_word_once(self):
        words = re.findall(r"^\| \*\*(.+?)\*\*", read("docs/vocabulary.md"), flags=re.MULTILINE)
        self.assertEqual(sorted(words), sorted(set(words)))

    def test_decisions_have_their_four_parts_and_a_line_in_the_list(self):
        listed = read("docs/adr/README.md")
        for page in sorted((ROOT / "docs/adr").glob("0*.md")):
            with self.subTest(page=page.name):
                parts = re.findall(r"^## (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
                self.assertEqual(parts, ["Context", "Decision", "Consequences", "Alternatives"])
                self.assertIn(f"]({page.name})", listed)

    def test_purposes_of_random_streams_are_listed(self):
        listed = set(re.findall(r"^\| `([^`]+)` \|", read("docs/formats/randomness.md"), flags=re.MULTILINE))
        rooms = "|".join(path.name for path in (ROOT / "src").iterdir() if path.is_dir())
        used = set()
        for path in (ROOT / "src").rglob("*.cpp"):
            text = re.sub(r"(?m)^#include.*$", "", path.read_text(encoding="utf-8"))
            if "RandomStream" in text:
                used |= set(re.findall(rf'"((?:{rooms})[./][a-z][a-z0-9._-]*)"', text))
        self.assertEqual(used - listed, set(), "used but not listed")
        self.assertEqual(listed - used, set(), "listed but not used")

    def test_makefile_has_the_promised_targets(self):
        makefile = read("Makefile")
        for target in ["demo", "test", "setup", "bench", "install", "check", "format", "help"]:
            with self.subTest(target=target):
                self.assertRegex(makefile, rf"(?m)^{target}:.*  ## ")

    def test_every_tool_has_a_line_of_purpose(self):
        for tool in sorted((ROOT / "tools").iterdir()):
            if tool.is_file() and tool.stat().st_mode & 0o100:
                with self.subTest(tool=tool.name):
                    head = "\n".join(tool.read_text(encoding="utf-8").splitlines()[:3])
                    self.assertIn(f"tools/{tool.name}", head)

    def test_every_tracked_text_ends_with_one_line_end(self):
        done = subprocess.run(["git", "-C", str(ROOT), "ls-files", "*.md", "*.txt", "*.cmake", "tools", ".ci", "packages"],
                              capture_output=True, text=True)
        if done.returncode != 0:
            self.skipTest("not a git clone")
        for name in done.stdout.splitlines():
            path = ROOT / name
            if name.startswith("tests/") or not path.is_file():
                continue
            with self.subTest(name=name):
                text = path.read_text(encoding="utf-8")
                self.assertTrue(not text or (text.endswith("\n") and not text.endswith("\n\n")))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
