#include "core/shell.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/process.h"

namespace thaw {
namespace {

const Argv nasty = {"a b", "it's", "\"q\"",       "$HOME", "*", "line\nbreak",
                    "ünï", "",     "back\\slash", "`id`",  "-n"};

SubstitutionLookup command(Argv program, Argv arguments) {
  return [=](std::string_view name) -> std::optional<Substitution> {
    if (name == "CMD") return Substitution{program, false, true};
    if (name == "ARGS") return Substitution{arguments};
    if (name == "HOST") return Substitution{{"h1"}};
    return std::nullopt;
  };
}

/// What a shell hands to a program that prints each argument between brackets.
std::string printed_by_shell(const std::string& text) {
  const auto output = run_tool(Command{{"/bin/sh", "-c", text}, {}});
  return output ? output->out + output->err : "not started";
}

std::string bracketed(const Argv& words) {
  std::string text;
  for (const std::string& word : words) text += "[" + word + "]";
  return text;
}

const Argv bracket_printer = {"printf", "[%s]"};

TEST(ShellQuote, LeavesPlainWordsAsTheyAre) {
  EXPECT_EQ(shell_quote("/usr/bin/a-b_c.d=1"), "/usr/bin/a-b_c.d=1");
}

TEST(ShellQuote, WritesAnEmptyWordAsTwoQuotes) { EXPECT_EQ(shell_quote(""), "''"); }

TEST(ShellJoin, IsReadBackByAShellUnchanged) {
  EXPECT_EQ(printed_by_shell("printf '[%s]' " + shell_join(nasty)), bracketed(nasty));
}

TEST(ShellSplit, UndoesShellJoin) { EXPECT_EQ(shell_split(shell_join(nasty)).value(), nasty); }

TEST(ShellSplit, NamesTheColumnOfAnOpenQuote) {
  const auto words = shell_split("a 'b");

  ASSERT_FALSE(words);
  EXPECT_THAT(words.error().what, testing::HasSubstr("column 3"));
}

TEST(ExpandShellText, KeepsArgumentsOutsideQuotes) {
  const auto text = expand_shell_text("true; $CMD $ARGS", command(bracket_printer, nasty));

  EXPECT_EQ(printed_by_shell(text.value()), bracketed(nasty));
}

TEST(ExpandShellText, KeepsArgumentsInsideSingleQuotes) {
  const auto text = expand_shell_text("sh -c '$CMD $ARGS'", command(bracket_printer, nasty));

  EXPECT_EQ(printed_by_shell(text.value()), bracketed(nasty));
}

TEST(ExpandShellText, KeepsArgumentsInsideDoubleQuotes) {
  const auto text = expand_shell_text("sh -c \"$CMD $ARGS\"", command(bracket_printer, nasty));

  EXPECT_EQ(printed_by_shell(text.value()), bracketed(nasty));
}

TEST(ExpandShellText, KeepsArgumentsInsideNestedQuotes) {
  const auto text =
      expand_shell_text("sh -c \" sh -c 'true && $CMD $ARGS'\"", command(bracket_printer, nasty));

  EXPECT_EQ(printed_by_shell(text.value()), bracketed(nasty));
}

TEST(ExpandShellText, TreatsAQuotedStringWithoutACommandAsData) {
  const auto text = expand_shell_text("printf '[%s]' \"$ARGS\"", command({"true"}, {"{\"a\": \"b c\"}"}));

  EXPECT_EQ(printed_by_shell(text.value()), "[{\"a\": \"b c\"}]");
}

TEST(ExpandShellText, MatchesWholeNames) {
  EXPECT_EQ(expand_shell_text("$HOSTNAME $HOST ${HOST}s", command({}, {})).value(), "$HOSTNAME h1 h1s");
}

TEST(ExpandShellText, LeavesUnknownNamesToTheShell) {
  EXPECT_EQ(expand_shell_text("$OMPI_COMM_WORLD_RANK \\$HOST", command({}, {})).value(),
            "$OMPI_COMM_WORLD_RANK \\$HOST");
}

TEST(ExpandPlain, WritesADoubledDollarAsOne) {
  EXPECT_EQ(expand_plain("$$HOST-$HOST", command({}, {})), "$HOST-h1");
}

TEST(PlaceholdersIn, ListsNamesInOrder) {
  EXPECT_THAT(placeholders_in("a $B ${C}d $1 $"), testing::ElementsAre("B", "C"));
}

}  // namespace
}  // namespace thaw
