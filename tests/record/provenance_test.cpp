#include "record/provenance.h"

#include <gmock/gmock.h>

#include <fstream>

#include "core/process.h"

namespace thaw {
namespace {

constexpr std::string_view commit = "0123456789abcdef0123456789abcdef01234567";
constexpr std::string_view other = "fedcba9876543210fedcba9876543210fedcba98";

class GitTree : public testing::Test {
 protected:
  void write(const Path& path, std::string_view text) {
    const Path file = folder_.path() / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text << "\n";
  }
  Path path(const Path& below = {}) { return folder_.path() / below; }

  TemporaryDirectory folder_ = *TemporaryDirectory::create("thaw-git");
};

TEST_F(GitTree, TellsTheCommitOfItsBranchFromAnyFolderBelow) {
  write(".git/HEAD", "ref: refs/heads/feature/x");
  write(".git/refs/heads/feature/x", commit);
  std::filesystem::create_directories(path("a/b"));

  const auto revision = git_revision(path("a/b"));

  ASSERT_TRUE(revision);
  EXPECT_EQ(revision->commit, commit);
  EXPECT_EQ(revision->branch, "feature/x");
}

TEST_F(GitTree, TellsADetachedCommit) {
  write(".git/HEAD", commit);

  const auto revision = git_revision(path());

  ASSERT_TRUE(revision);
  EXPECT_EQ(revision->commit, commit);
  EXPECT_EQ(revision->branch, std::nullopt);
}

TEST_F(GitTree, FindsPackedReferences) {
  write(".git/HEAD", "ref: refs/heads/main");
  write(".git/packed-refs",
        fmt::format("# pack-refs\n{} refs/heads/main2\n{} refs/heads/main\n^{}", other, commit, other));

  EXPECT_EQ(git_revision(path())->commit, commit);
}

TEST_F(GitTree, FollowsALinkedTree) {
  write("main/.git/refs/heads/side", commit);
  write("main/.git/worktrees/side/HEAD", "ref: refs/heads/side");
  write("main/.git/worktrees/side/commondir", "../..");
  write("side/.git", "gitdir: " + path("main/.git/worktrees/side").string());

  EXPECT_EQ(git_revision(path("side"))->commit, commit);
}

TEST_F(GitTree, HasNoRevisionBeforeItsFirstCommit) {
  write(".git/HEAD", "ref: refs/heads/main");

  EXPECT_EQ(git_revision(path()), std::nullopt);
}

TEST_F(GitTree, HasNoRevisionWhereTheFilesAreNotGits) {
  write(".git/HEAD", "ref: refs/heads/main");
  write(".git/refs/heads/main", "hello");

  EXPECT_EQ(git_revision(path()), std::nullopt);
}

TEST(FileSha256, IsThePublishedValueForAbc) {
  // FIPS 180-4, example of SHA-256 for the message "abc".
  const auto folder = TemporaryDirectory::create("thaw-hash");
  std::ofstream(folder->path() / "abc") << "abc";

  EXPECT_EQ(*file_sha256(folder->path() / "abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(FileSha256, SaysThatAFileIsAbsent) {
  EXPECT_EQ(file_sha256("/nonexistent").error().kind, ErrorKind::environment);
}

TEST(RunProvenance, NamesTheProgramByItsRealFile) {
  const auto folder = TemporaryDirectory::create("thaw-run");
  std::ofstream(folder->path() / "real") << "abc";
  std::filesystem::create_symlink("real", folder->path() / "link");

  const RunProvenance context = run_provenance("0.1.0", folder->path(), folder->path() / "link");

  EXPECT_EQ(Path(context.program.value()).filename(), "real");
  EXPECT_EQ(context.program_bytes, 3);
}

TEST(GitIsDirty, TellsWhetherKnownFilesDifferFromTheCommit) {
  if (!find_program("git")) GTEST_SKIP() << "git is not installed (apt-get install git)";
  const auto folder = TemporaryDirectory::create("thaw-dirty");
  const Path tree = folder->path();
  std::ofstream(tree / "known") << "a";
  const auto git = [&](Argv words) {
    Argv argv = {"git", "-C", tree.string(), "-c", "user.name=n", "-c", "user.email=e"};
    argv.insert(argv.end(), words.begin(), words.end());
    const auto output = run_tool({argv, {}});
    ASSERT_TRUE(output && output->succeeded()) << output->err;
  };
  git({"init", "-q"});
  git({"add", "known"});
  git({"commit", "-q", "-m", "first"});
  std::ofstream(tree / "unknown") << "b";

  EXPECT_EQ(git_is_dirty(tree), false);

  std::ofstream(tree / "known") << "changed";
  EXPECT_EQ(git_is_dirty(tree), true);
}

TEST(GitIsDirty, IsNotKnownOutsideOfATree) {
  const auto folder = TemporaryDirectory::create("thaw-dirty");

  EXPECT_EQ(git_is_dirty(folder->path()), std::nullopt);
}

TEST(RunProvenance, IsNullWhereNothingIsKnown) {
  const auto folder = TemporaryDirectory::create("thaw-run");

  const auto json = to_json(run_provenance_fields(), run_provenance("0.1.0", folder->path(), std::nullopt));

  EXPECT_TRUE(json["git_commit"].is_null());
  EXPECT_TRUE(json["program_sha256"].is_null());
  EXPECT_EQ(json["thaw_version"], "0.1.0");
}

}  // namespace
}  // namespace thaw
