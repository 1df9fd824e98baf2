#include "functions/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace thaw::functions {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Variables = std::map<std::string, std::string, std::less<>>;

Result<Plan> read(const std::vector<std::string>& words, const Variables& variables = {}) {
  return read_command_line(words, [&](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  });
}

TEST(CommandLine, RunsTheNamedFunctionWithAllThatFollows) {
  const Plan plan = read({"thaw-micro", "args", "--serve", "--", "-x"}).value();

  EXPECT_EQ(plan.action, Plan::Action::run);
  EXPECT_EQ(plan.function->name, "args");
  EXPECT_THAT(plan.args, ElementsAre("--serve", "--", "-x"));
}

TEST(CommandLine, IsTheFunctionItsProgramIsNamedAfter) {
  const Plan plan = read({"/usr/bin/matmul", "200"}).value();

  EXPECT_EQ(plan.function->name, "matmul");
  EXPECT_THAT(plan.args, ElementsAre("200"));
}

TEST(CommandLine, ServesWhenPortIsSet) {
  const Plan plan = read({"thaw-micro", "matmul", "200"}, {{"PORT", "9000"}}).value();

  EXPECT_EQ(plan.action, Plan::Action::serve);
  EXPECT_EQ(plan.server.port, 9000);
  EXPECT_THAT(plan.args, ElementsAre("200"));
}

TEST(CommandLine, ServesUnderTheNameOfAFunctionWhenPortIsSet) {
  EXPECT_EQ(read({"matmul"}, {{"PORT", "9000"}})->action, Plan::Action::serve);
}

TEST(CommandLine, RunsWhereAnEmptyPortIsSet) {
  EXPECT_EQ(read({"thaw-micro", "nope"}, {{"PORT", ""}})->action, Plan::Action::run);
}

TEST(CommandLine, RunsInSpiteOfPortWhenToldTo) {
  EXPECT_EQ(read({"thaw-micro", "--run", "nope"}, {{"PORT", "9000"}})->action, Plan::Action::run);
}

TEST(CommandLine, ServesOnThisMachineOnlyByDefault) {
  const Plan plan = read({"thaw-micro", "--serve"}).value();

  EXPECT_EQ(plan.server.host, "127.0.0.1");
  EXPECT_EQ(plan.server.port, 8080);
}

TEST(CommandLine, ServesAllWithoutAName) {
  EXPECT_EQ(read({"thaw-micro", "--serve"})->function, nullptr);
  EXPECT_EQ(read({"thaw-micro", "--serve", "all"})->function, nullptr);
}

TEST(CommandLine, TakesServerOptionsOnBothSidesOfTheName) {
  const Plan plan = read({"thaw-micro", "--host=0.0.0.0", "--serve", "matmul", "--port", "0", "--max-body",
                          "4KiB", "--timeout", "500ms", "--connections", "8", "--allow-files"})
                        .value();

  EXPECT_EQ(plan.server.host, "0.0.0.0");
  EXPECT_EQ(plan.server.port, 0);
  EXPECT_EQ(plan.server.limits.body_bytes, 4096U);
  EXPECT_EQ(plan.server.read_timeout, std::chrono::milliseconds(500));
  EXPECT_EQ(plan.server.most_connections, 8);
  EXPECT_TRUE(plan.may_use_files);
}

TEST(CommandLine, TakesDefaultArgumentsOfTheServedFunction) {
  EXPECT_THAT(read({"thaw-micro", "--serve", "distributions", "normal", "--", "--seed", "3"})->args,
              ElementsAre("normal", "--seed", "3"));
}

TEST(CommandLine, FlagsPrecedeTheEnvironment) {
  const Plan plan =
      read({"thaw-micro", "--serve", "--port", "1", "--host", "::1"}, {{"PORT", "2"}, {"HOST", "0.0.0.0"}})
          .value();

  EXPECT_EQ(plan.server.port, 1);
  EXPECT_EQ(plan.server.host, "::1");
}

TEST(CommandLine, HostComesFromTheEnvironment) {
  EXPECT_EQ(read({"thaw-micro", "--serve"}, {{"HOST", "0.0.0.0"}})->server.host, "0.0.0.0");
}

TEST(CommandLine, ListsAndHelpsInSpiteOfPort) {
  EXPECT_EQ(read({"thaw-micro", "--list"}, {{"PORT", "1"}})->action, Plan::Action::list);
  EXPECT_EQ(read({"thaw-micro", "--help", "matmul"}, {{"PORT", "1"}})->function->name, "matmul");
}

TEST(CommandLine, NeedsAName) {
  const auto plan = read({"thaw-micro"});

  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().kind, ErrorKind::bad_usage);
  EXPECT_EQ(plan.error().what, "no function was named");
}

TEST(CommandLine, CannotRunAll) {
  EXPECT_EQ(read({"thaw-micro", "all"}).error().what, "\"all\" can only be served");
}

TEST(CommandLine, SuggestsTheNearestOption) {
  EXPECT_EQ(read({"thaw-micro", "--sevre"}).error().hint, "did you mean \"--serve\"?");
}

TEST(CommandLine, SaysHowToPassAFunctionItsOwnOptions) {
  EXPECT_EQ(read({"thaw-micro", "--serve", "distributions", "--seed", "3"}).error().hint,
            "options of the function itself go behind --");
}

TEST(CommandLine, RefusesBadValuesAndNamesTheirOption) {
  EXPECT_EQ(read({"thaw-micro", "--serve", "--port", "65536"}).error().where, "--port");
  EXPECT_EQ(read({"thaw-micro", "--serve", "--connections", "0"}).error().where, "--connections");
  EXPECT_EQ(read({"thaw-micro", "--serve", "--max-body", "many"}).error().kind, ErrorKind::bad_usage);
  EXPECT_EQ(read({"thaw-micro", "--serve", "--timeout", "10"}).error().kind, ErrorKind::bad_usage);
  EXPECT_EQ(read({"thaw-micro", "--serve", "--timeout", "0"}).error().where, "--timeout");
  EXPECT_EQ(read({"thaw-micro", "nope"}, {{"PORT", "http"}}).error().where, "PORT");
}

TEST(CommandLine, RefusesAnOptionWithoutItsValue) {
  EXPECT_EQ(read({"thaw-micro", "--serve", "--port"}).error().what, "--port needs a value");
}

TEST(CommandLine, RefusesArgumentsThatBelongToNoFunction) {
  EXPECT_EQ(read({"thaw-micro", "--serve", "all", "3"}).error().what,
            "argument \"3\" belongs to no function");
}

TEST(HelpText, NamesEveryFunction) {
  const std::string help = help_text(nullptr);

  for (const Function& function : functions()) EXPECT_THAT(help, HasSubstr(std::string(function.name)));
}

TEST(HelpText, IsNoWiderThanEightyColumns) {
  std::size_t start = 0;
  const std::string help = help_text(nullptr);
  for (std::size_t end = 0; (end = help.find('\n', start)) != std::string::npos; start = end + 1) {
    EXPECT_LE(end - start, 80U) << help.substr(start, end - start);
  }
}

TEST(HelpText, OfDistributionsGivesTheFormulas) {
  EXPECT_THAT(help_text(*find_function("distributions")),
              HasSubstr("normal [MEAN=0.01] [SD=0.0012]\n      MEAN + SD z"));
}

}  // namespace
}  // namespace thaw::functions
