#include "bench/repetition.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace thaw {
namespace {

ino_t file_behind(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 ? status.st_ino : 0;
}

/// Whether the repetition after one of `script` writes into the same files.
bool are_used_again_after(const std::string& script, bool keeps_output) {
  OutputFiles files;
  const RepetitionSetup setup{.keep_output = keeps_output};
  const std::vector<Command> first = {{{"sh", "-c", script}, {}}};
  EXPECT_TRUE(files.open(1));
  const ino_t before = file_behind(files.out(0));
  EXPECT_TRUE(run_repetition(first, setup, files));
  EXPECT_TRUE(files.open(1));
  return file_behind(files.out(0)) == before;
}

TEST(OutputFiles, AreUsedAgainWhenNothingWasPrinted) { EXPECT_TRUE(are_used_again_after("true", false)); }

TEST(OutputFiles, AreNewAfterOutput) {
  EXPECT_FALSE(are_used_again_after("echo out", false));
  EXPECT_FALSE(are_used_again_after("echo err >&2", false));
}

TEST(OutputFiles, AreNewAfterAFailure) { EXPECT_FALSE(are_used_again_after("exit 3", false)); }

TEST(OutputFiles, AreNewWhenAProcessWasLeftThatMayPrintLater) {
  EXPECT_FALSE(are_used_again_after("sleep 5 & exit 0", false));
}

TEST(OutputFiles, AreNewForEveryRepetitionWhoseOutputIsRead) {
  EXPECT_FALSE(are_used_again_after("true", true));
}

TEST(Repetition, ReadsTheOutputOfAFailureEvenWhenNoneIsKept) {
  OutputFiles files;
  const std::vector<Command> commands = {{{"sh", "-c", "echo gone wrong >&2; exit 1"}, {}}};

  const auto copies = run_repetition(commands, {.keep_output = false}, files);

  ASSERT_TRUE(copies);
  EXPECT_EQ(copies->front().err, "gone wrong\n");
}

}  // namespace
}  // namespace thaw
