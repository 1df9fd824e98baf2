// The program itself, run once per test.

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>

#include "core/text.h"
#include "functions/functions.h"
#include "functions/micro_program.h"

namespace thaw::functions {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

/// The last field of the line with "@@@ Time", as launchers take it.
double inner_time(const std::string& output) {
  for (const std::string_view line : split_lines(output)) {
    if (line.find("@@@ Time") != std::string_view::npos)
      return parse_number(split_fields(line).back()).value_or(-1);
  }
  return -2;
}

TEST(ThawMicro, RunsEveryFunctionOfTheMicroSet) {
  const std::vector<std::vector<std::string>> calls = {{"sleep", "0.001"}, {"nope"},   {"inc", "1000", "0"},
                                                       {"matmul", "100"},  {"bounce"}, {"swapbytes"},
                                                       {"distributions"},  {"args"}};
  for (const auto& call : calls) {
    const ToolOutput output = run_micro(call);

    EXPECT_TRUE(output.succeeded()) << call[0] << ": " << output.err;
    EXPECT_GE(inner_time(output.out), 0) << call[0] << ": " << output.out;
    EXPECT_EQ(output.err, "") << call[0];
  }
}

TEST(ThawMicro, SleepMeasuresItsSleep) { EXPECT_GE(inner_time(run_micro({"sleep", "0.02"}).out), 0.02); }

TEST(ThawMicro, BouncesStdin) {
  EXPECT_THAT(run_micro({"bounce"}, "over the net\n").out, StartsWith("over the net\n@@@ Time bounce "));
}

TEST(ThawMicro, PassesArgumentsUnchanged) {
  EXPECT_THAT(run_micro({"args", "it's", "a \"b\"", "$HOME", "", "--help"}).out,
              StartsWith("\"it's\"\n\"a \\\"b\\\"\"\n\"$HOME\"\n\"\"\n\"--help\"\n@@@"));
}

TEST(ThawMicro, IsTheFunctionItIsNamedAfter) {
  const auto folder = TemporaryDirectory::create("thaw-micro-test");
  ASSERT_TRUE(folder);
  const Path link = folder->path() / "matmul";
  std::filesystem::create_symlink(THAW_MICRO, link);

  EXPECT_THAT(run_micro({"50"}, {}, {{"PORT", ""}}, link.string()).out, HasSubstr("@@@ Time matmul "));
}

TEST(ThawMicro, ListsItsFunctions) {
  EXPECT_EQ(run_micro({"--list"}).out,
            "sleep\nnope\ninc\nmatmul\nbounce\nswapbytes\ndistributions\nargs\nmpi-pingpong\n");
}

TEST(ThawMicro, HelpShowsExamples) {
  EXPECT_THAT(run_micro({"--help"}).out, AllOf(HasSubstr("examples:"), HasSubstr("thaw-micro matmul 200")));
}

TEST(ThawMicro, EndsWithTwoForAnUnknownFunction) {
  const ToolOutput output = run_micro({"mathmul"});

  EXPECT_EQ(output.report.exit_code, 2);
  EXPECT_EQ(output.out, "");
  EXPECT_EQ(output.err, "thaw: error: there is no function \"mathmul\"\n  hint did you mean \"matmul\"?\n");
}

TEST(ThawMicro, EndsWithTwoForAWrongArgument) {
  const ToolOutput output = run_micro({"matmul", "0"});

  EXPECT_EQ(output.report.exit_code, 2);
  EXPECT_EQ(output.err,
            "thaw: error: n must be a whole number from 1 to 4096, got \"0\"\n  at   matmul\n"
            "  hint usage: matmul [N=100]\n");
}

TEST(ThawMicro, EndsWithTwoWithoutAFunction) { EXPECT_EQ(run_micro({}).report.exit_code, 2); }

TEST(ThawMicro, EndsWithFourForAnAbsentFile) {
  EXPECT_EQ(run_micro({"swapbytes", "/nowhere/file"}).report.exit_code, 4);
}

TEST(ThawMicro, EndsWithTwoForAHostThatIsNoAddress) {
  const ToolOutput output = run_micro({"--serve", "--port", "0", "--host", "example.org"});

  EXPECT_EQ(output.report.exit_code, 2);
  EXPECT_THAT(output.err, HasSubstr("\"example.org\" is not a numeric address"));
}

TEST(ThawMicro, EndsWithFourWhenThePortIsTaken) {
  const RunningServer first({"nope"});

  const ToolOutput output =
      run_micro({"--serve", "--host", "127.0.0.1", "--port", std::to_string(first.port())});

  EXPECT_EQ(output.report.exit_code, 4);
  EXPECT_THAT(output.err, HasSubstr("cannot listen: Address already in use"));
}

TEST(ThawMicro, NeedsNoDynamicLoader) {
#ifdef THAW_SANITIZED
  GTEST_SKIP() << "sanitizers have no static form";
#else
  const std::string file = read_file(THAW_MICRO).value();
  Elf64_Ehdr header;
  ASSERT_GE(file.size(), sizeof header);
  std::memcpy(&header, file.data(), sizeof header);
  for (std::size_t i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    std::memcpy(&segment, file.data() + header.e_phoff + i * sizeof segment, sizeof segment);
    EXPECT_NE(segment.p_type, static_cast<Elf64_Word>(PT_INTERP));
  }
#endif
}

TEST(ThawMicro, PingPongsBetweenTwoRanks) {
#ifdef THAW_HAS_MPI
  const LeaksAllowed leaks_allowed;
  const ToolOutput output = run_micro({"mpi-pingpong", "20", "64"});

  EXPECT_TRUE(output.succeeded()) << output.err;
  EXPECT_THAT(output.out, HasSubstr("     bytes       min_us"));
  EXPECT_GT(inner_time(output.out), 0);
#else
  GTEST_SKIP() << "built without MPI (apt install libopenmpi-dev)";
#endif
}

TEST(ThawMicro, SaysWhatIsMissingWithoutTheMpiProgram) {
  const auto folder = TemporaryDirectory::create("thaw-micro-test");
  ASSERT_TRUE(folder);
  const Path copy = folder->path() / "thaw-micro";
  std::filesystem::copy_file(THAW_MICRO, copy);

  const ToolOutput output =
      run_micro({"mpi-pingpong"}, {}, {{"PORT", ""}, {"PATH", folder->path().string()}}, copy.string());

  EXPECT_EQ(output.report.exit_code, 4);
  EXPECT_THAT(output.err, StartsWith("thaw: error: the MPI program thaw-mpi-pingpong was not found\n"));
}

}  // namespace
}  // namespace thaw::functions
