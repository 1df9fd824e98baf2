"""Tests of tools/check_layers: each builds a small tree and states one fact about what is found in it.

Usage: check_layers_test.py PATH-OF-check_layers
"""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CHECK_LAYERS = sys.argv.pop(1)

TABLE = """# Architecture

| room | holds | may use | asks the system |
|---|---|---|---|
| `core` | ground | – | yes |
| `stats` | numbers | core | no |
| `cli` | commands | everything | no |

More text.
"""


class Tree:
    """A source tree that keeps every rule until a test changes it."""

    def __init__(self, root, table=TABLE):
        self.root = Path(root)
        self.write("docs/architecture.md", table)
        self.write("src/core/clock.cpp", '#include "core/clock.h"\nauto t() { return steady_clock::now(); }\n')
        self.write("src/stats/mean.cpp", '#include "core/clock.h"\n#include <vector>\n')
        self.write("src/stats/CMakeLists.txt", "thaw_room(stats SOURCES mean.cpp ROOMS core LIBRARIES fmt::fmt)\n")
        self.write("src/cli/main.cpp", '#include "stats/mean.h"\n')

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return self

    def check(self):
        done = subprocess.run([sys.executable, CHECK_LAYERS, str(self.root)], capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr


class CheckLayers(unittest.TestCase):
    def tree(self, table=TABLE):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return Tree(folder.name, table)

    def assert_found(self, tree, text):
        code, out, _ = tree.check()
        self.assertEqual(code, 1, out)
        self.assertIn(text, out)

    def assert_clean(self, tree):
        code, out, err = tree.check()
        self.assertEqual((code, out), (0, ""), err)

    def test_accepts_a_tree_that_keeps_the_table(self):
        self.assert_clean(self.tree())

    def test_rejects_an_include_against_the_arrows(self):
        tree = self.tree().write("src/core/loop.cpp", "\n" + '#include "stats/mean.h"\n')
        self.assert_found(tree, "src/core/loop.cpp:2: core may not use stats")

    def test_rejects_a_link_against_the_arrows(self):
        tree = self.tree().write("src/core/CMakeLists.txt", "thaw_room(core SOURCES a.cpp\n  ROOMS stats)\n")
        self.assert_found(tree, "src/core/CMakeLists.txt: core links stats, which it may not use")

    def test_rejects_an_included_room_that_is_not_linked(self):
        tree = self.tree().write("src/stats/CMakeLists.txt", "thaw_room(stats SOURCES mean.cpp)\n")
        self.assert_found(tree, "src/stats/mean.cpp: includes core, which thaw_room(stats …) does not link")

    def test_rejects_a_folder_that_the_table_does_not_know(self):
        self.assert_found(self.tree().write("src/misc/a.h", ""), "src/misc: not a room")

    def test_rejects_a_room_without_a_folder(self):
        table = TABLE.replace("| `cli`", "| `trace` | traces | core | no |\n| `cli`")
        self.assert_found(self.tree(table), "room trace has no folder")

    def test_rejects_an_include_of_an_unknown_room(self):
        self.assert_found(self.tree().write("src/cli/a.cpp", '#include "util/x.h"\n'), '"util/x.h" is in no room')

    def test_rejects_an_include_without_a_room(self):
        self.assert_found(self.tree().write("src/cli/a.cpp", '#include "x.h"\n'), 'not of the form "room/file.h"')

    def test_accepts_a_registry_table_beside_the_file_and_installed_headers(self):
        self.assert_clean(self.tree().write("src/cli/a.cpp", '#include "rules.inc"\n#include "thaw/version.h"\n'))

    def test_rejects_a_system_clock_outside_core(self):
        tree = self.tree().write("src/stats/a.cpp", "auto t = std::chrono::steady_clock::now();\n")
        self.assert_found(tree, "src/stats/a.cpp:1: _clock::now( asks for a clock of the system")

    def test_accepts_a_clock_that_was_handed_in(self):
        self.assert_clean(self.tree().write("src/stats/a.cpp", "auto f(Clock& clock) { return clock.now(); }\n"))

    def test_rejects_environment_processes_and_chance_outside_core(self):
        for call in ["getenv(\"X\")", "fork()", "::fork()", "std::rand()", "std::random_device{}", "system(\"ls\")",
                     "posix_spawn(&p)", "std::mt19937 engine", "std::normal_distribution<> d"]:
            with self.subTest(call=call):
                self.assert_found(self.tree().write("src/cli/a.cpp", f"auto x = {call};\n"), "src/cli/a.cpp:1:")

    def test_accepts_members_and_longer_names_that_only_look_like_calls(self):
        self.assert_clean(self.tree().write("src/cli/a.cpp", "layer.system(); run_system(); it->fork(); workfork();\n"))

    def test_ignores_comments_and_literals(self):
        text = '// fork()\n/* getenv("X")\n */\nauto s = "std::rand()";\nauto r = R"(fork())";\nauto c = \'"\';\n'
        self.assert_clean(self.tree().write("src/cli/a.cpp", text))

    def test_counts_lines_past_comments_of_many_lines(self):
        tree = self.tree().write("src/cli/a.cpp", "/* one\n two */\nint x = fork();\n")
        self.assert_found(tree, "src/cli/a.cpp:3:")

    def test_refuses_a_table_whose_arrows_point_down(self):
        code, _, err = self.tree(TABLE.replace("numbers | core", "numbers | cli")).check()
        self.assertEqual(code, 2)
        self.assertIn("stats may use cli, which is not a room further up", err)

    def test_refuses_a_document_without_the_table(self):
        code, _, err = self.tree("# nothing\n").check()
        self.assertEqual(code, 2)
        self.assertIn("no table", err)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
