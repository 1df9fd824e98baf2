#include "bench/backend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "bench/backend_library.h"
#include "bench/chain_trial.h"

namespace thaw {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

Result<BackendSpec> backend(std::string_view yaml) {
  return parse_backend("mine", *parse_document(yaml, "mine.yaml"));
}

std::vector<std::string> metric_names(const BackendSpec& spec) {
  std::vector<std::string> names;
  for (const MetricSpec& metric : spec.metrics) names.push_back(metric.name);
  return names;
}

TEST(Backend, RefusesAWrongPatternOfFailureWithItsPlace) {
  const auto spec = backend("run: [perf, $CMD]\nfailure_text: '(('\n");

  ASSERT_FALSE(spec);
  EXPECT_THAT(spec.error().where, HasSubstr(":2"));
}

TEST(ParseHostfile, RepeatsAHostForEachOfItsSlots) {
  EXPECT_THAT(parse_hostfile("alpha slots=2 max_slots=4\n# remark\nbeta\ngamma slots=0\n"),
              ElementsAre("alpha", "alpha", "beta", "gamma"));
}

TEST(Backend, RefusesAnUnknownKeyWithItsPlaceAndTheNearestOne) {
  const auto spec = backend("run: [x, $CMD]\nresset: y\n");

  ASSERT_FALSE(spec);
  EXPECT_EQ(spec.error().what, "unknown key 'resset'");
  EXPECT_EQ(spec.error().where, "mine.yaml:2:1");
  EXPECT_THAT(spec.error().hint, HasSubstr("reset"));
}

TEST(Backend, TakesTheOlderNameOfRunOverRun) {
  const auto spec = backend("run: a $CMD $ARGS\ncommand_template: b $CMD $ARGS\n");

  ASSERT_TRUE(spec) << render(spec.error());
  EXPECT_EQ(spec->run->shell_text, "b $CMD $ARGS");
}

TEST(Backend, IsTerminalWhenItsCommandHasNoPlaceForAnother) {
  EXPECT_TRUE(backend("run: docker run --rm $FN $ARGS")->is_terminal);
  EXPECT_FALSE(backend("run: perf stat $CMD $ARGS")->is_terminal);
  EXPECT_FALSE(backend("run: [ssh, $HOST, $COMMAND_LINE]")->is_terminal);
  EXPECT_FALSE(backend("description: only metrics")->is_terminal);
}

TEST(Backend, RefusesATerminalFlagThatContradictsTheCommand) {
  const auto spec = backend("run: [perf, $CMD]\nterminal: true\n");

  ASSERT_FALSE(spec);
  EXPECT_EQ(spec.error().where, "mine.yaml:2:11");
}

TEST(Backend, StartsRanksWhenItKnowsTheirNumberOrNamesMpirun) {
  EXPECT_TRUE(backend("run: srun -n $MPL $CMD $ARGS")->starts_ranks);
  EXPECT_TRUE(backend("run: /opt/mpi/bin/mpirun -np 2 $CMD $ARGS")->starts_ranks);
  EXPECT_FALSE(backend("run: perf stat $CMD $ARGS")->starts_ranks);
  EXPECT_FALSE(backend("run: [mpirun, $CMD]\ncopies: each\n")->starts_ranks);
}

TEST(Backend, ReadsHostsFromAListOrFromATextWithCommas) {
  EXPECT_THAT(backend("hosts: 'a, b ,c'")->hosts, ElementsAre("a", "b", "c"));
  EXPECT_THAT(backend("hosts: [a, b]")->hosts, ElementsAre("a", "b"));
}

TEST(Backend, ReadsHostsFromAFileBesideTheDefinition) {
  const TemporaryDirectory folder = *TemporaryDirectory::create("thaw-backend-test");
  std::ofstream(folder.path() / "hosts") << "# all\nalpha cores=2\n\n  beta # the slow one\n";
  const auto definition = parse_document("hostfile: hosts", (folder.path() / "mine.yaml").string());

  const auto spec = parse_backend("mine", *definition);

  ASSERT_TRUE(spec) << render(spec.error());
  EXPECT_THAT(spec->hosts, ElementsAre("alpha", "beta"));
  EXPECT_EQ(spec->hostfile, (folder.path() / "hosts").string());
}

TEST(Backend, RefusesAMissingHostFile) {
  EXPECT_EQ(backend("hostfile: nowhere").error().where, "mine.yaml:1:11");
}

TEST(Backend, RefusesAHostThatSshWouldTakeForAnOption) {
  EXPECT_THAT(backend("hosts: [a, -oProxyCommand=x]").error().what, HasSubstr("is no name of a host"));
}

TEST(Backend, RefusesAPasswordInItsDefinition) {
  const auto spec = backend("probe: redfish\nprobe_options: {url: 'https://x', password: hunter2}\n");

  ASSERT_FALSE(spec);
  EXPECT_THAT(spec.error().what, HasSubstr("must not be written"));
  EXPECT_THAT(render(spec.error()), testing::Not(HasSubstr("hunter2")));
}

TEST(Backend, RefusesAPlaceholderThatHasItsOwnMeaning) {
  EXPECT_EQ(backend("placeholders: {CMD: x}").error().where, "mine.yaml:1:16");
  EXPECT_FALSE(backend("placeholders: {HOST3: x}"));
}

TEST(Backend, ReadsRequirementsWithAndWithoutAPackage) {
  const auto spec = backend("requires: [fission, {kubectl: kubernetes-client}]");

  ASSERT_TRUE(spec);
  ASSERT_THAT(spec->requires_programs, SizeIs(2));
  EXPECT_EQ(spec->requires_programs[0].program, "fission");
  EXPECT_EQ(spec->requires_programs[1].package, "kubernetes-client");
}

TEST(Backend, ReadsOneResetOrSeveral) {
  EXPECT_THAT(backend("reset: docker restart $FN")->reset, SizeIs(1));
  EXPECT_THAT(backend("reset: [docker, restart, $FN]")->reset, SizeIs(1));
  EXPECT_THAT(backend("reset: [docker restart $FN, sync]")->reset, SizeIs(2));
  EXPECT_THAT(backend("reset: [[docker, restart, $FN], [sync]]")->reset, SizeIs(2));
  EXPECT_THAT(backend("reset: ''")->reset, IsEmpty());
}

TEST(Backend, RefusesAnOpenQuoteInItsCommand) {
  EXPECT_EQ(backend("run: ssh $HOST \"$CMD\n").error().where, "mine.yaml:1:6");
}

TEST(Metrics, ReadsWhatThePredecessorWrites) {
  const auto metrics = parse_metrics(*parse_document(
      "max_rss:\n  description: memory\n  extract: 'grep Maximum | cut -d: -f2'\n  lower_is_better: true\n"
      "  type: numeric\n  units: kbytes\n",
      "m.yaml"));

  ASSERT_TRUE(metrics) << render(metrics.error());
  EXPECT_EQ(metrics->at(0).unit, "kbytes");
  EXPECT_TRUE(std::holds_alternative<ShellForm>(metrics->at(0).extract.form));
}

TEST(Metrics, RefusesAMetricWithoutExtract) {
  EXPECT_THAT(parse_metrics(*parse_document("x: {description: d}", "m.yaml")).error().what,
              HasSubstr("no extract"));
}

TEST(OverrideBackend, ChangesOptionsAndKeepsTheRest) {
  const auto merged =
      override_backend(*parse_document("run: [mpirun, $MPIFLAGS, $CMD]\nplaceholders: {A: 1, B: 2}", "a"),
                       *parse_document("mpiflags: --map-by core\nplaceholders: {B: 3}", "b"));

  ASSERT_TRUE(merged);
  EXPECT_EQ(
      merged->to_json(),
      R"({"run": ["mpirun", "$MPIFLAGS", "$CMD"], "placeholders": {"A": 1, "B": 3}, "mpiflags": "--map-by core"})");
}

TEST(OverrideBackend, DropsWhatBelongsToACommandThatIsReplaced) {
  const auto merged = override_backend(
      *parse_document("run: [curl, $URL]\nresolve: {URL: x}\non_timeout: y\nreset: docker restart $FN\n",
                      "a"),
      *parse_document("run: docker run --rm $FN $ARGS", "b"));

  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->to_json(), R"({"reset": "docker restart $FN", "run": "docker run --rm $FN $ARGS"})");
}

TEST(BackendLibrary, HasEveryBackendOfTheRequirements) {
  const auto names = shipped_backends().names();

  ASSERT_TRUE(names) << render(names.error());
  EXPECT_THAT(*names, IsSupersetOf({"bintime", "docker", "docker-exec", "docker-run", "fission",
                                    "fission-router", "inner_time", "knative", "local", "memory", "mpi",
                                    "mpip", "perf", "power", "ssh", "strace", "temps", "time", "uname"}));
}

TEST(BackendLibrary, FindsABackendThatLivesInAFileOfAnotherName) {
  EXPECT_EQ(shipped_backends().find("power")->probe->name, "redfish");
  EXPECT_THAT(metric_names(*shipped_backends().find("time")), SizeIs(8));
}

TEST(BackendLibrary, GivesPerfItsFifteenMetrics) {
  EXPECT_THAT(metric_names(*shipped_backends().find("perf")),
              UnorderedElementsAre("perf_time", "cache_misses", "context_switches", "cpu_migrations",
                                   "page_faults", "dTLB_misses", "iTLB_misses", "emulation_faults",
                                   "L1_icache_load_misses", "L1_dcache_load_misses", "LLC_misses",
                                   "branch_misses", "node_misses", "cpu_clock", "clock_rate"));
}

TEST(BackendLibrary, AdvisesTheNearestNameAndSaysWhereItLooked) {
  const auto spec = shipped_backends().find("prf");

  ASSERT_FALSE(spec);
  EXPECT_EQ(spec.error().kind, ErrorKind::bad_usage);
  EXPECT_EQ(spec.error().what, "unknown backend \"prf\"");
  EXPECT_THAT(spec.error().hint, HasSubstr("perf"));
  EXPECT_THAT(spec.error().hint, HasSubstr("share/thaw/backends"));
}

TEST(BackendLibrary, LaysTheUsersOptionsOnTheShippedBackend) {
  BackendLibrary library = shipped_backends();
  ASSERT_TRUE(library.add(*parse_document("ssh: {hosts: [a, b]}", "user.yaml"), false));

  const auto ssh = library.find("ssh");

  EXPECT_THAT(ssh->hosts, ElementsAre("a", "b"));
  EXPECT_TRUE(ssh->run);
}

TEST(BackendLibrary, KeepsTheShippedMetricsWhenAUserOnlyReplacesTheCommand) {
  BackendLibrary library = shipped_backends();
  ASSERT_TRUE(
      library.add(*parse_document("perf: {run: 'perf stat -e cycles $CMD $ARGS'}", "user.yaml"), false));

  EXPECT_THAT(library.find("perf")->metrics, SizeIs(15));
}

TEST(BackendLibrary, LeavesOutTheShippedMetricsWhenTheUsersFileHasItsOwn) {
  BackendLibrary library = shipped_backends();
  ASSERT_TRUE(
      library.add(*parse_document("perf: {run: 'perf stat -e cycles $CMD $ARGS'}", "user.yaml"), true));

  EXPECT_THAT(library.find("perf")->metrics, IsEmpty());
}

TEST(BackendLibrary, ComplainsAtOnceAboutAnUnknownKeyOfTheUser) {
  BackendLibrary library = shipped_backends();

  const auto added = library.add(*parse_document("ssh:\n  host: a\n", "user.yaml"), false);

  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().where, "user.yaml:2:3");
}

TEST(BackendLibrary, PrefersTheUsersFolder) {
  const TemporaryDirectory folder = *TemporaryDirectory::create("thaw-backend-test");
  std::ofstream(folder.path() / "perf.yaml") << "backend_options: {perf: {run: [mine, $CMD]}}\n";
  const BackendLibrary library({folder.path(), shipped_backends().folders()[0]});

  EXPECT_EQ(library.find("perf")->run->elements[0].words[0], "mine");
  EXPECT_TRUE(library.find("ssh"));
}

class ShippedBackend : public testing::TestWithParam<std::string> {};

TEST_P(ShippedBackend, IsDescribedAndItsMetricsToo) {
  const auto spec = shipped_backends().find(GetParam());

  ASSERT_TRUE(spec) << render(spec.error());
  EXPECT_FALSE(spec->description.empty());
  for (const MetricSpec& metric : spec->metrics) EXPECT_FALSE(metric.description.empty()) << metric.name;
}

TEST_P(ShippedBackend, StandsInTheDocumentWithAllItsMetrics) {
  const std::string page = *read_file(Path(THAW_SOURCE_DIR) / "docs" / "backends.md");
  const BackendSpec spec = *shipped_backends().find(GetParam());

  EXPECT_THAT(page, HasSubstr("`" + spec.name + "`"));
  for (const MetricSpec& metric : spec.metrics) {
    if (metric.extract.is_auto) continue;
    EXPECT_THAT(page, HasSubstr("`" + metric.name + "`"));
  }
}

TEST(Backend, HasEveryKeyInTheDocument) {
  const std::string page = *read_file(Path(THAW_SOURCE_DIR) / "docs" / "backends.md");

  for (const std::string_view key : backend_keys()) EXPECT_THAT(page, HasSubstr(fmt::format("`{}`", key)));
}

INSTANTIATE_TEST_SUITE_P(All, ShippedBackend, testing::ValuesIn(*shipped_backends().names()),
                         [](const auto& param) {
                           std::string name = param.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace thaw
