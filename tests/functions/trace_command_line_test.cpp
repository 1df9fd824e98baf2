#include "functions/trace_command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace thaw::functions {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using Variables = std::map<std::string, std::string, std::less<>>;

Result<TracePlan> read(std::vector<std::string> words, const Variables& variables = {}) {
  words.insert(words.begin(), "thaw-fn");
  return read_trace_command_line(words, [&](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  });
}

TEST(TraceCommandLine, ServesOnThisMachineOnlyByDefault) {
  const TracePlan plan = read({}).value();

  EXPECT_EQ(plan.action, TracePlan::Action::serve);
  EXPECT_EQ(plan.server.host, "127.0.0.1");
  EXPECT_EQ(plan.server.port, 8080);
}

TEST(TraceCommandLine, ReadsTheVariablesOfThePredecessor) {
  const TracePlan plan = read({}, {{"FUNC_PORT_ENV", "81"},
                                   {"ITERATIONS_MULTIPLIER", "102"},
                                   {"IO_PERCENTAGE", "30"},
                                   {"COLD_START_BUSY_LOOP_MS", "750"},
                                   {"FUNC_TYPE_ENV", "EMPTY"}})
                             .value();

  EXPECT_EQ(plan.server.port, 81);
  EXPECT_EQ(plan.function.defaults.multiplier, 102U);
  EXPECT_DOUBLE_EQ(plan.function.defaults.io_share, 0.3);
  EXPECT_EQ(plan.cold_start, 750ms);
  EXPECT_TRUE(plan.function.is_empty);
}

TEST(TraceCommandLine, LetsOptionsWinOverTheEnvironment) {
  const TracePlan plan = read({"--port", "9", "--io=5"}, {{"PORT", "8"}, {"IO_PERCENTAGE", "30"}}).value();

  EXPECT_EQ(plan.server.port, 9);
  EXPECT_DOUBLE_EQ(plan.function.defaults.io_share, 0.05);
}

TEST(TraceCommandLine, LetsPortWinOverTheOlderVariable) {
  EXPECT_EQ(read({}, {{"FUNC_PORT_ENV", "81"}, {"PORT", "82"}})->server.port, 82);
}

TEST(TraceCommandLine, SaysWhereAWrongValueStands) {
  EXPECT_EQ(read({"--port", "x"}).error().where, "--port");
  EXPECT_EQ(read({}, {{"IO_PERCENTAGE", "200"}}).error().where, "IO_PERCENTAGE");
}

TEST(TraceCommandLine, SuggestsTheOptionThatWasMeant) {
  EXPECT_THAT(read({"--prot", "1"}).error().hint, HasSubstr("--port"));
}

TEST(TraceCommandLine, RefusesAValueThatIsMissingOrTooMuch) {
  EXPECT_FALSE(read({"--port"}));
  EXPECT_FALSE(read({"--base64=yes"}));
}

TEST(TraceCommandLine, PrintsHelpWhateverElseIsWrong) {
  EXPECT_EQ(read({"--port", "x", "--help"})->action, TracePlan::Action::help);
}

TEST(TraceCommandLine, HelpFitsIntoEightyColumns) {
  const std::string help = trace_help_text();
  for (std::size_t at = 0; at < help.size(); at = help.find('\n', at) + 1) {
    EXPECT_LE(help.find('\n', at) - at, 80U) << help.substr(at, 90);
  }
}

}  // namespace
}  // namespace thaw::functions
