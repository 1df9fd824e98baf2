#include "sim/engine.h"

#include <gmock/gmock.h>

#include <set>

#include "sim/engines/mpi_link.h"
#include "sim/engines/slurm_array.h"
#include "sim/sweeps.h"

namespace thaw {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Engines, HaveDifferentNamesAndAllCanBeMade) {
  std::set<std::string_view> names;
  for (const EngineEntry& entry : sweep_engines()) {
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
    EXPECT_NE(make_engine(entry.name, {}).value(), nullptr);
    EXPECT_FALSE(entry.summary.empty());
  }
}

TEST(Engines, SuggestTheNearestName) {
  const auto engine = make_engine("slrum", {});
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().kind, ErrorKind::bad_usage);
  EXPECT_THAT(engine.error().hint, HasSubstr("slurm"));
}

TEST(Engines, DescribeWhatTheyWouldDo) {
  const SweepConfiguration configuration = testing::small_sweep();
  const std::vector<std::uint64_t> todo = {4, 5};
  EXPECT_THAT(make_engine("slurm", {.points_per_task = 2}).value()->describe(configuration, todo),
              ElementsAre("2 points by 1 tasks of a Slurm array", HasSubstr("--array=3 "),
                          HasSubstr("sim work RECORD --part \"$SLURM_ARRAY_TASK_ID/4\"")));
}

TEST(MpiMessages, ReadBackWhatWasPacked) {
  const std::vector<std::string> texts = {"", std::string("a\0b", 3), "1,2\n"};
  EXPECT_EQ(unpack_texts(pack_texts(texts)).value(), texts);
}

TEST(MpiMessages, AreRefusedWhenCutShort) {
  const std::string bytes = pack_texts({"abc"});
  for (std::size_t size = 1; size < bytes.size(); ++size)
    EXPECT_FALSE(unpack_texts(bytes.substr(0, size))) << size;
}

TEST(SlurmArray, HasAtMost200TasksUnlessToldOtherwise) {
  EXPECT_EQ(number_of_parts(1, 0), 1U);
  EXPECT_EQ(number_of_parts(10, 0), 3U);
  EXPECT_EQ(number_of_parts(100000, 0), 200U);
  EXPECT_EQ(number_of_parts(10, 3), 4U);
}

TEST(SlurmArray, HasTheTasksWhosePointsAreMissing) {
  EXPECT_THAT(parts_with({0, 1, 25, 99}, 100, 10), ElementsAre(1, 3, 10));
  EXPECT_THAT(parts_with({}, 100, 10), ElementsAre());
}

TEST(SlurmArray, ListsItsTasksInRanges) {
  EXPECT_EQ(array_list({1, 2, 3, 7, 9, 10}), "1-3,7,9-10");
  EXPECT_EQ(array_list({4}), "4");
}

TEST(SlurmArray, QuotesPathsForTheShellOfTheTask) {
  EXPECT_THAT(
      task_script("/a b/thaw", "/it's", {.parts = 3, .workers = 2}),
      HasSubstr("exec '/a b/thaw' sim work '/it'\\''s' --part \"$SLURM_ARRAY_TASK_ID/3\" --workers 2\n"));
}

TEST(SlurmArray, UsesTheProcessorsOfItsTaskUnlessToldOtherwise) {
  EXPECT_THAT(task_script("thaw", "r", {}), HasSubstr("--workers \"${SLURM_CPUS_PER_TASK:-1}\"\n"));
}

TEST(SlurmArray, PassesTheUsersWordsOnAsTheyAre) {
  const Argv words = sbatch_words("/r", {.options = {"--comment=a b", "-p", "long"}}, "thaw-1", "1-3");
  EXPECT_THAT(words, ElementsAre("sbatch", "--parsable", "--output=/r/slurm/%A_%a.log", "--comment=a b", "-p",
                                 "long", "--job-name=thaw-1", "--array=1-3", "/r/slurm/task.sh"));
}

TEST(SlurmArray, CountsTheTasksThatSlurmHas) {
  const SlurmQueue queue =
      parse_queue("RUNNING|None\nPENDING|Priority\nPENDING|Resources\nCOMPLETING|None\n");
  EXPECT_EQ(queue.running, 2U);
  EXPECT_EQ(queue.waiting, 2U);
  EXPECT_EQ(queue.reason, "Priority");
  EXPECT_TRUE(parse_queue("\n").is_empty());
}

TEST(SlurmArray, RemembersWhatWasSubmitted) {
  const auto folder = TemporaryDirectory::create("thaw-slurm-test").value();
  std::filesystem::create_directory(slurm_folder(folder.path()));
  EXPECT_EQ(engine_of(folder.path()), "local");
  ASSERT_TRUE(
      write_slurm_state(folder.path(), {.parts = 7, .options = {"-p", "x"}, .workers = 2, .jobs = {"12"}}));
  const SlurmState state = read_slurm_state(folder.path()).value();
  EXPECT_EQ(state.parts, 7U);
  EXPECT_THAT(state.options, ElementsAre("-p", "x"));
  EXPECT_THAT(state.jobs, ElementsAre("12"));
  EXPECT_EQ(engine_of(folder.path()), "slurm");
}

TEST(SlurmArray, RefusesAStateThatIsNone) {
  const auto folder = TemporaryDirectory::create("thaw-slurm-test").value();
  std::filesystem::create_directory(slurm_folder(folder.path()));
  ASSERT_TRUE(write_file_atomically(slurm_state_file(folder.path()), R"({"parts": 0, "options": []})"));
  EXPECT_EQ(read_slurm_state(folder.path()).error().kind, ErrorKind::bad_input);
}

}  // namespace
}  // namespace thaw
