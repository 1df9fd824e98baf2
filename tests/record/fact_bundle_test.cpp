#include <gmock/gmock.h>

#include "core/process.h"
#include "core/random.h"
#include "record/fact_tree.h"
#include "record/host_context.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;

/// What the script prints when a shell runs it over a tree.
std::string printed_by(Argv shell, const std::string& root,
                       std::vector<std::pair<std::string, std::string>> environment = {}) {
  shell.emplace_back("-c");
  shell.push_back(fact_script(root));
  const auto output = run_tool({.argv = std::move(shell), .env = std::move(environment)});
  EXPECT_TRUE(output && output->succeeded());
  return output ? output->out : "";
}

/// The context from files alone: what the shell itself answers is taken out.
Json files_only(Json context) {
  context["cpu"].erase("architecture");
  context["filesystem"].erase("root_available_gb");
  context["system"].erase("running_processes");
  context["clock"].erase("resolution_s");
  context["virtualisation"].erase("steal_share");
  return context;
}

Json context_of(const std::string& printed) {
  const auto bundle = parse_fact_bundle(printed);
  EXPECT_TRUE(bundle);
  return bundle ? host_context(**bundle) : Json();
}

const Json& expected() {
  static const Json json = files_only(host_context(LocalFacts(workstation(), {})));
  return json;
}

TEST(FactBundle, TellsTheSameAsTheFilesThemselves) {
  EXPECT_EQ(files_only(context_of(printed_by({"/bin/sh"}, workstation()))), expected());
}

TEST(FactBundle, ComesOutOfBusyboxToo) {
  if (!find_program("busybox")) GTEST_SKIP() << "busybox is not installed";

  EXPECT_EQ(files_only(context_of(printed_by({"busybox", "sh"}, workstation()))), expected());
}

TEST(FactBundle, NeedsNothingButAShell) {
  const std::string printed = printed_by({"/bin/sh"}, workstation(), {{"PATH", "/nonexistent"}});

  EXPECT_EQ(files_only(context_of(printed)), expected());
}

TEST(FactBundle, TellsTheSameOfThisMachineAsItsOwnFiles) {
  const Json here = host_context(LocalFacts());

  const Json bundled = context_of(printed_by({"/bin/sh"}, ""));

  for (const auto facts : {machine_facts(), trust_facts()}) {
    for (const HostFact& fact : facts) {
      const std::string group(fact.group), name(fact.field.name);
      if (fact.is_volatile || name == "resolution_s") continue;
      EXPECT_EQ(bundled[group][name], here[group][name]) << group << "." << name;
    }
  }
}

TEST(FactBundle, AnswersForTheShellsMachine) {
  const auto bundle = parse_fact_bundle(printed_by({"/bin/sh"}, ""));

  ASSERT_TRUE(bundle);
  const SystemAnswers answers = (*bundle)->answers();
  EXPECT_EQ(answers.architecture, LocalFacts().answers().architecture);
  EXPECT_GT(answers.root_available_bytes, 0);
  EXPECT_GT(answers.process_count, 1);
}

constexpr std::string_view small =
    "thaw-facts 1 \narchitecture x86_64\nfile /a:b\nfile /c\ncontents\n/a:b:1\n/a:b:/c:2\n/c:3\nthaw-facts "
    "end\n";

TEST(FactBundle, CannotBeMisledByItsContents) {
  const auto bundle = parse_fact_bundle(small);

  ASSERT_TRUE(bundle);
  EXPECT_EQ((*bundle)->file("/a:b"), "1\n/c:2\n");
  EXPECT_EQ((*bundle)->file("/c"), "3\n");
}

TEST(FactBundle, IsFoundAmongBannersWithOtherLineEnds) {
  std::string text = "Welcome!\r\n";
  for (const char c : small) text += c == '\n' ? std::string("\r\n") : std::string(1, c);

  const auto bundle = parse_fact_bundle(text + "Goodbye.\r\n");

  ASSERT_TRUE(bundle);
  EXPECT_EQ((*bundle)->file("/c"), "3\n");
}

TEST(FactBundle, IsTheFirstOfSeveralRanks) {
  const auto bundle = parse_fact_bundle(std::string(small) + "thaw-facts 1 \ncontents\nthaw-facts end\n");

  ASSERT_TRUE(bundle);
  EXPECT_EQ((*bundle)->file("/c"), "3\n");
}

TEST(FactBundle, IsRefusedWhenItsEndIsMissing) {
  const auto bundle = parse_fact_bundle(small.substr(0, small.size() - 20));

  ASSERT_FALSE(bundle);
  EXPECT_EQ(bundle.error().kind, ErrorKind::bad_input);
  EXPECT_THAT(bundle.error().what, testing::HasSubstr("cut off"));
}

TEST(FactBundle, IsRefusedWhenThereIsNone) { EXPECT_FALSE(parse_fact_bundle("sh: not found\n")); }

TEST(FactBundle, GivesEveryKeyOrAnErrorHoweverItIsCut) {
  const std::string whole = printed_by({"/bin/sh"}, workstation());
  const std::size_t keys = host_context(LocalFacts(workstation(), {})).size();
  RandomStream random(1, "fact bundle test");
  for (int round = 0; round < 500; ++round) {
    const std::size_t from = random.below(whole.size());
    std::string text = whole;
    text.erase(from, random.below(whole.size() - from));

    const auto bundle = parse_fact_bundle(text);

    if (bundle) {
      EXPECT_EQ(host_context(**bundle).size(), keys);
    } else {
      EXPECT_EQ(bundle.error().kind, ErrorKind::bad_input);
    }
  }
}

}  // namespace
}  // namespace thaw
