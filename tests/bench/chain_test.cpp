#include "bench/chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <fstream>

#include "bench/chain_trial.h"

namespace thaw {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::StartsWith;

const Target program{.program = {"/bin/fn"}, .args = {"1", "2"}, .function = "fn", .task = "task"};
const RunContext one_copy{.copies = 1, .repetition = 3, .token = "feed", .tmp_path = "/tmp/x/"};

RunContext copies(int count) {
  RunContext context = one_copy;
  context.copies = count;
  return context;
}

Chain chain(const std::vector<std::string>& names, std::string_view options = {}) {
  auto built = chain_of(names, options);
  EXPECT_TRUE(built) << (built ? "" : render(built.error()));
  return built ? *std::move(built) : *Chain::build({});
}

/// The composed commands, each as a shell would write it.
std::vector<std::string> composed(const Chain& chain, const RunContext& context = one_copy,
                                  const Target& target = program) {
  std::vector<std::string> lines;
  const auto commands = chain.compose(target, context);
  EXPECT_TRUE(commands) << (commands ? "" : render(commands.error()));
  if (!commands) return lines;
  for (const Command& command : *commands) lines.push_back(shell_join(command.argv));
  return lines;
}

std::vector<std::string> lines_of(const Result<std::vector<Errand>>& errands) {
  std::vector<std::string> lines;
  EXPECT_TRUE(errands) << (errands ? "" : render(errands.error()));
  if (!errands) return lines;
  for (const Errand& errand : *errands)
    lines.push_back(errand.backend + ": " + shell_join(errand.command.argv));
  return lines;
}

/// A chain of backends written in the test, outermost first.
Result<Chain> written(const std::vector<std::string>& definitions) {
  std::vector<BackendSpec> specs;
  for (std::size_t i = 0; i < definitions.size(); ++i) {
    THAW_TRY(const DocumentNode definition, parse_document(definitions[i], "test.yaml"));
    THAW_TRY(specs.emplace_back(), parse_backend(fmt::format("b{}", i + 1), definition));
  }
  return Chain::build(std::move(specs));
}

// --- composition -----------------------------------------------------------------------------------------------

TEST(Chain, RunsTheProgramItselfWithoutLayers) {
  EXPECT_THAT(composed(*Chain::build({})), ElementsAre("/bin/fn 1 2"));
}

TEST(Chain, RunsTheProgramItselfWithLocal) {
  EXPECT_THAT(composed(chain({"local"})), ElementsAre("/bin/fn 1 2"));
}

TEST(Chain, RunsTheProgramItselfWithABackendThatOnlyHasMetrics) {
  EXPECT_THAT(composed(chain({"inner_time"})), ElementsAre("/bin/fn 1 2"));
  EXPECT_THAT(composed(chain({"inner_time", "memory"})), ElementsAre("/usr/bin/time --verbose /bin/fn 1 2"));
}

TEST(Chain, PutsTheFirstBackendOutermost) {
  EXPECT_THAT(
      composed(chain({"ssh", "memory"}, "ssh: {hosts: a}")),
      ElementsAre("ssh -o BatchMode=yes a 'exec env THAW_TOKEN=feed /usr/bin/time --verbose /bin/fn 1 2'"));
  EXPECT_THAT(
      composed(chain({"memory", "ssh"}, "ssh: {hosts: a}")),
      ElementsAre("/usr/bin/time --verbose ssh -o BatchMode=yes a 'exec env THAW_TOKEN=feed /bin/fn 1 2'"));
}

TEST(Chain, ComposesTheEventsOfPerfExactly) {
  EXPECT_THAT(
      composed(chain({"perf"})),
      ElementsAre("perf stat -e cache-misses,context-switches,branch-misses,cpu-migrations,page-faults,"
                  "dTLB-load-misses,iTLB-load-misses,emulation-faults,L1-icache-load-misses,"
                  "L1-dcache-load-misses,LLC-load-misses,node-load-misses,cpu-clock,cycles /bin/fn 1 2"));
}

TEST(Chain, GivesTheArgumentsToOneLayerOnly) {
  const auto nested = written({"run: a $CMD $ARGS", "run: b $CMD $ARGS"});

  EXPECT_THAT(composed(*nested), ElementsAre("/bin/sh -c 'a /bin/sh -c '\\''b /bin/fn 1 2'\\'' '"));
}

TEST(Chain, AppendsTheArgumentsWhereATemplateHasNone) {
  EXPECT_THAT(composed(*written({"run: [strace, $CMD]"})), ElementsAre("strace /bin/fn 1 2"));
  EXPECT_THAT(composed(*written({"run: strace $CMD"})), ElementsAre("/bin/sh -c 'strace /bin/fn 1 2'"));
  EXPECT_THAT(composed(*written({"run: [service, call, $FN]"})), ElementsAre("service call fn 1 2"));
  EXPECT_THAT(composed(*written({"run: service call $FN"})), ElementsAre("/bin/sh -c 'service call fn 1 2'"));
}

TEST(Chain, KnowsFunctionAndTaskInEveryLayer) {
  const auto nested =
      written({"run: [outer, $FN, $TASK, $CMD, $ARGS]", "run: [inner, $FN, $TASK, $CMD, $ARGS]"});

  EXPECT_THAT(composed(*nested), ElementsAre("outer fn task inner fn task /bin/fn 1 2"));
}

TEST(Chain, GivesAShellItsCommandAsOneWord) {
  Target spaced = program;
  spaced.args = {"it's", "$HOME"};

  const auto commands = written({"run: [bash, -c, $COMMAND_LINE]"})->compose(spaced, one_copy);

  ASSERT_TRUE(commands);
  EXPECT_THAT(commands->at(0).argv, ElementsAre("bash", "-c", "/bin/fn 'it'\\''s' '$HOME'"));
}

TEST(Chain, LeavesOutAGroupWhosePlaceholdersAreEmpty) {
  Target silent = program;
  silent.args = {};

  EXPECT_THAT(composed(chain({"fission"}), one_copy, silent), ElementsAre("fission fn test --name fn"));
  EXPECT_THAT(composed(chain({"fission"})), ElementsAre("fission fn test --name fn -b '1 2'"));
}

TEST(Chain, AppliesTheBackendsOwnPlaceholders) {
  EXPECT_THAT(composed(chain({"perf"}, "perf: {placeholders: {EVENTS: cycles}}")),
              ElementsAre("perf stat -e cycles /bin/fn 1 2"));
  EXPECT_THAT(composed(chain({"docker-exec"})),
              ElementsAre("docker exec -i --env THAW_TOKEN=feed fn /bin/fn 1 2"));
  EXPECT_THAT(composed(chain({"docker-exec"}, "docker-exec: {placeholders: {CONTAINER: box}}")),
              ElementsAre("docker exec -i --env THAW_TOKEN=feed box /bin/fn 1 2"));
}

TEST(Chain, RefusesAnUnknownPlaceholderThatStandsAlone) {
  const auto commands = written({"run: [call, $FUNCTOIN, $CMD]"})->compose(program, one_copy);

  ASSERT_FALSE(commands);
  EXPECT_EQ(commands.error().what, "unknown placeholder $FUNCTOIN");
}

TEST(Chain, RefusesALayerThatNeedsAFunctionWhenThereIsNone) {
  Target nameless = program;
  nameless.function = "";

  const auto reset = chain({"knative"}).resets(nameless, one_copy);

  ASSERT_FALSE(reset);
  EXPECT_THAT(reset.error().what, HasSubstr("needs the name of a function"));
}

TEST(Chain, RefusesAnEmptyProgram) { EXPECT_FALSE(chain({"inner_time"}).compose({.program = {}}, one_copy)); }

// --- copies and hosts ------------------------------------------------------------------------------------------

TEST(Chain, MakesOneCommandForEachCopy) { EXPECT_THAT(composed(chain({"perf"}), copies(3)), SizeIs(3)); }

TEST(Chain, GoesRoundTheHostsWhereverSshStands) {
  const std::string_view hosts = "ssh: {hosts: [a, b]}";
  for (const auto& names : {std::vector<std::string>{"ssh"}, {"perf", "ssh"}, {"ssh", "memory"}}) {
    const auto lines = composed(chain(names, hosts), copies(3));

    ASSERT_THAT(lines, SizeIs(3));
    EXPECT_THAT(lines[0], HasSubstr("BatchMode=yes a "));
    EXPECT_THAT(lines[1], HasSubstr("BatchMode=yes b "));
    EXPECT_THAT(lines[2], HasSubstr("BatchMode=yes a "));
  }
}

TEST(Chain, KnowsEachHostByItsNumber) {
  const auto numbered = written({"hosts: [a, b]\nrun: [x, $HOST0, $HOST1, $HOSTS, $HOST, $CMD, $ARGS]\n"});

  EXPECT_THAT(composed(*numbered, copies(2)),
              ElementsAre("x a b a,b a /bin/fn 1 2", "x a b a,b b /bin/fn 1 2"));
}

TEST(Chain, LeavesTheShellsHostnameToTheShell) {
  EXPECT_THAT(composed(*written({"hosts: a\nrun: echo $HOSTNAME $HOST; $CMD $ARGS\n"})),
              ElementsAre("/bin/sh -c 'echo $HOSTNAME a; /bin/fn 1 2'"));
}

TEST(Chain, RefusesAHostNumberBeyondTheLast) {
  const auto commands = written({"hosts: [a, b]\nrun: [x, $HOST2, $CMD]\n"})->compose(program, one_copy);

  ASSERT_FALSE(commands);
  EXPECT_EQ(commands.error().what, "$HOST2 of 2 hosts");
}

TEST(Chain, TakesThisMachineWhenNoHostIsNamedAndSaysSo) {
  EXPECT_THAT(composed(chain({"ssh"}))[0], HasSubstr("localhost"));
  EXPECT_THAT(chain({"ssh"}).notes(), ElementsAre(HasSubstr("has no hosts and uses localhost")));
  EXPECT_THAT(chain({"ssh"}, "ssh: {hosts: a}").notes(), IsEmpty());
}

TEST(Chain, LetsMpirunStartAllCopiesAtEveryPosition) {
  EXPECT_THAT(composed(chain({"mpi", "perf"}), copies(4)), ElementsAre(HasSubstr("mpirun -np 4 ")));
  EXPECT_THAT(composed(chain({"perf", "mpi"}), copies(4)),
              ElementsAre(AllOf(StartsWith("perf stat"), HasSubstr("mpirun -np 4 "))));
}

TEST(Chain, GivesMpirunTheUsersFlagsAsWords) {
  const auto lines = composed(chain({"mpi"}, "mpi: {mpiflags: '--map-by core --mca a \"b c\"'}"), copies(2));

  EXPECT_THAT(lines[0], StartsWith("mpirun -np 2 --map-by core --mca a 'b c' sh -c "));
}

TEST(Chain, TellsOpenMpiByItsEnvironmentThatRootIsFine) {
  const auto commands = chain({"mpi"}).compose(program, one_copy);

  EXPECT_THAT(commands->at(0).env, Contains(Pair("OMPI_ALLOW_RUN_AS_ROOT", "1")));
}

TEST(Chain, CarriesALayersEnvironmentThroughSsh) {
  EXPECT_THAT(composed(chain({"ssh", "mpi"}, "ssh: {hosts: a}"))[0],
              HasSubstr("THAW_TOKEN=feed env OMPI_ALLOW_RUN_AS_ROOT=1 "));
}

TEST(Chain, CarriesTheProgramsEnvironmentIntoAContainerAsFlags) {
  Target target = program;
  target.env = {{"MODE", "a b"}};

  EXPECT_THAT(composed(chain({"docker-run"}), one_copy, target),
              ElementsAre("docker run --rm -i --name thaw-feed-3-0 --env 'MODE=a b' fn 1 2"));
}

TEST(Chain, SetsTheProgramsEnvironmentDirectlyOnThisMachine) {
  Target target = program;
  target.env = {{"MODE", "a b"}};

  const auto commands = chain({"perf"}).compose(target, one_copy);

  EXPECT_THAT(commands->at(0).env, ElementsAre(Pair("MODE", "a b")));
  EXPECT_THAT(commands->at(0).argv, Not(Contains("env")));
}

// --- illegal chains --------------------------------------------------------------------------------------------

std::string refusal(const Result<Chain>& chain) { return chain ? "(accepted)" : chain.error().what; }

TEST(Chain, AcceptsABackendThatIsNotComposableOnlyFirst) {
  const std::string alone = "composable: false\nrun: [m, $CMD]";
  const std::string plain = "run: [p, $CMD]";

  EXPECT_TRUE(written({alone, plain}));
  EXPECT_EQ(refusal(written({plain, alone})),
            "Non-composable backends can only be in position 1 (leftmost). Found at position 2 (b2).");
  EXPECT_EQ(refusal(written({alone, alone, plain, alone})),
            "Non-composable backends can only be in position 1 (leftmost). Found at position 2 (b2), "
            "position 4 (b4).");
}

TEST(Chain, AcceptsATerminalBackendOnlyLast) {
  const auto refused = chain_of({"docker", "perf"});

  EXPECT_TRUE(chain_of({"perf", "docker"}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what,
            "\"docker\" calls the function itself and has no place for an inner command");
  EXPECT_EQ(refused.error().hint, "put it last");
}

TEST(Chain, AcceptsABackendOfMetricsBehindATerminalOne) { EXPECT_TRUE(chain_of({"docker", "inner_time"})); }

TEST(Chain, RefusesCopiesOfCopies) {
  EXPECT_EQ(refusal(chain_of({"mpi", "mpip"})), "both \"mpi\" and \"mpip\" start the copies as ranks");
}

TEST(Chain, RefusesTheSameBackendTwice) {
  EXPECT_EQ(refusal(chain_of({"perf", "memory", "perf"})), "backend \"perf\" is in the chain twice");
}

// --- errands ---------------------------------------------------------------------------------------------------

TEST(Chain, ResetsEveryLayerWithItsFunctionsName) {
  EXPECT_THAT(lines_of(chain({"perf", "docker-exec"}).resets(program, one_copy)),
              ElementsAre("docker-exec: docker restart fn"));
}

TEST(Chain, DeletesNoPodButThoseOfTheService) {
  const FakeTools tools;
  const auto resets = chain({"knative"}).resets(program, one_copy);

  ASSERT_TRUE(run_tool(resets->at(0).command));

  EXPECT_THAT(tools.take_log(),
              ElementsAre("kubectl delete pods -l serving.knative.dev/service=fn --force --grace-period=0"));
}

TEST(Chain, DeletesNoPodForANameThatIsNoService) {
  const FakeTools tools;
  Target strange = program;
  for (const std::string name : {"a,b!=c", "*", "x y"}) {
    strange.function = name;
    const auto resets = chain({"knative"}).resets(strange, one_copy);

    EXPECT_NE(run_tool(resets->at(0).command)->report.exit_code, 0);
  }
  EXPECT_THAT(tools.take_log(), IsEmpty());
}

TEST(Chain, DeletesTheFunctionsPodsForAColdStartOfFission) {
  const FakeTools tools;
  for (const std::string name : {"fission", "fission-router"}) {
    const auto resets = chain({name}).resets(program, one_copy);

    EXPECT_TRUE(run_tool(resets->at(0).command)->succeeded());

    EXPECT_THAT(tools.take_log(),
                ElementsAre("fission fn pods --name fn",
                            "kubectl delete pod poolmgr-fn-7f -n fission-fn --force --grace-period=0"));
  }
}

TEST(Chain, SendsTheErrandsOfAnInnerLayerThroughTheOuterOnes) {
  EXPECT_THAT(lines_of(chain({"ssh", "docker-exec"}, "ssh: {hosts: [a, b]}").resets(program, copies(3))),
              ElementsAre("docker-exec: ssh -o BatchMode=yes a 'docker restart fn'",
                          "docker-exec: ssh -o BatchMode=yes b 'docker restart fn'"));
}

TEST(Chain, RemovesTheContainerOfARunThatWasStopped) {
  EXPECT_THAT(
      lines_of(chain({"docker-run"}).on_timeout(program, copies(2))),
      ElementsAre("docker-run: docker rm -f thaw-feed-3-0", "docker-run: docker rm -f thaw-feed-3-1"));
}

TEST(Chain, KillsOnlyTheMarkedProcessesOnTheHost) {
  const auto cleanup = chain({"ssh"}, "ssh: {hosts: a}").on_timeout(program, one_copy);

  ASSERT_TRUE(cleanup);
  EXPECT_THAT(cleanup->at(0).command.argv.back(), HasSubstr("grep -qx THAW_TOKEN=feed"));
}

TEST(Chain, AsksForHostFactsThroughTheLayersThatChangeTheMachine) {
  const Argv fact = {"sh", "-c", "cat /proc/cpuinfo | wc -l"};

  EXPECT_EQ(chain({"perf"}).compose_spec(fact, program, one_copy)->argv, fact);
  EXPECT_EQ(shell_join(chain({"perf", "docker-exec"}).compose_spec(fact, program, one_copy)->argv),
            "docker exec fn sh -c 'cat /proc/cpuinfo | wc -l'");
  EXPECT_EQ(shell_join(chain({"ssh", "perf"}, "ssh: {hosts: a}").compose_spec(fact, program, one_copy)->argv),
            "ssh -o BatchMode=yes a 'sh -c '\\''cat /proc/cpuinfo | wc -l'\\'''");
  EXPECT_EQ(shell_join(chain({"mpi"}).compose_spec(fact, program, copies(4))->argv),
            "mpirun -np 1 sh -c 'cat /proc/cpuinfo | wc -l'");
}

TEST(Chain, AsksForHostFactsInThePodOfAKnativeService) {
  const FakeTools tools;
  const auto command = chain({"knative"}).compose_spec({"sh", "-c", "echo 'a  b'"}, program, one_copy);

  const auto output = run_tool(*command);

  EXPECT_EQ(output->out, "a  b\n");
  EXPECT_THAT(tools.take_log(), Contains(StartsWith("kubectl exec pod-of-fn -- sh -c")));
}

TEST(Chain, TakesRunAsTheWayInWhenARemoteLayerHasNoOther) {
  const auto former = written({"hosts: a\nrun: ssh $HOST '$CMD $ARGS'\n"});

  EXPECT_THAT(shell_join(former->compose_spec({"uname", "-a"}, program, one_copy)->argv),
              "/bin/sh -c 'ssh a '\\''uname -a '\\'''");
}

// --- look-ups --------------------------------------------------------------------------------------------------

TEST(Chain, LooksUpAddressesBeforeTheMeasuring) {
  const FakeTools tools;
  const Chain knative = chain({"knative"});
  RunContext context = one_copy;
  ASSERT_TRUE(knative.has_lookups());

  context.resolved = *knative.resolve(program, context, FakeTools::look_up);

  EXPECT_THAT(composed(knative, context)[0],
              AllOf(StartsWith("curl "), HasSubstr("http://fn.default.example.com")));
}

TEST(Chain, LooksUpNothingThatNoCommandUses) {
  const Chain replaced = chain({"docker"}, "docker: {run: [docker, run, --rm, $FN, $ARGS]}");

  EXPECT_FALSE(replaced.has_lookups());
  EXPECT_THAT(composed(replaced), ElementsAre("docker run --rm fn 1 2"));
}

TEST(Chain, LooksUpOnceForEachHost) {
  const Chain remote = chain({"ssh", "knative"}, "ssh: {hosts: [a, b]}");
  int asked = 0;
  RunContext context = copies(4);
  context.resolved = *remote.resolve(program, context, [&](const Errand& errand) -> Result<std::string> {
    ++asked;
    return "http://" + errand.command.argv[3] + "\n";
  });

  const auto lines = composed(remote, context);

  EXPECT_EQ(asked, 2);
  EXPECT_THAT(lines[2], HasSubstr("http://a"));
  EXPECT_THAT(lines[3], HasSubstr("http://b"));
}

TEST(Chain, RefusesALookUpThatPrintsNothing) {
  const auto nothing = [](const Errand&) -> Result<std::string> { return std::string(" \n"); };

  const auto resolved = chain({"knative"}).resolve(program, one_copy, nothing);

  ASSERT_FALSE(resolved);
  EXPECT_EQ(resolved.error().kind, ErrorKind::environment);
  EXPECT_THAT(resolved.error().what, HasSubstr("$URL"));
  EXPECT_THAT(resolved.error().hint, HasSubstr("kubectl get ksvc fn"));
}

/// A port of this machine on which something listens.
class Listener {
 public:
  Listener() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    ::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), size);
    ::listen(socket_.get(), 8);
    ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  [[nodiscard]] int port() const { return port_; }

 private:
  FileDescriptor socket_;
  int port_ = 0;
};

TEST(Chain, FindsTheAddressOfAContainerThatListens) {
  const FakeTools tools;
  const Listener listener;
  ::setenv("FAKE_DOCKER_ADDRESS", "127.0.0.1 ", 1);
  const Chain docker =
      chain({"docker"}, fmt::format("docker: {{placeholders: {{PORT: {}}}}}", listener.port()));
  RunContext context = one_copy;

  const auto resolved = docker.resolve(program, context, FakeTools::look_up);

  ASSERT_TRUE(resolved) << render(resolved.error());
  EXPECT_EQ(*resolved->find(0, 0, "URL"), fmt::format("http://127.0.0.1:{}/", listener.port()));
}

TEST(Chain, FindsTheRouterOfFissionInTheEnvironment) {
  const Chain router = chain({"fission-router"});
  RunContext context = one_copy;
  ::setenv("FISSION_ROUTER", "router.local:8888", 1);
  context.resolved = *router.resolve(program, context, FakeTools::look_up);
  ::unsetenv("FISSION_ROUTER");

  EXPECT_THAT(composed(router, context)[0], HasSubstr("http://router.local:8888/fission-function/fn"));
  EXPECT_THAT(router.resolve(program, one_copy, FakeTools::look_up).error().what,
              HasSubstr("set FISSION_ROUTER"));
}

// --- with the stand-ins ----------------------------------------------------------------------------------------

TEST(Chain, TellsWhereEachRankRuns) {
  const FakeTools tools;
  Target target = program;
  target.program = {"witness"};
  const auto commands = chain({"mpi"}).compose(target, copies(2));

  const auto words = tools.witnessed(commands->at(0));

  EXPECT_THAT(words, ElementsAre("", "1", "2"));
  const std::string printed = tools.last_output();
  const BackendSpec mpi = *shipped_backends().find("mpi");
  for (const MetricSpec& metric : mpi.metrics) {
    const auto columns = extract(metric.extract, metric.name, {.output = printed, .out = printed});
    ASSERT_TRUE(columns);
    EXPECT_THAT(columns->at(0).values, SizeIs(2)) << metric.name << " in " << printed;
  }
  EXPECT_THAT(printed, HasSubstr(" Rank: 1 Local Rank: 1 CPU Affinity: pid "));
}

TEST(Chain, ReadsTheMetricsOfEachToolFromItsOutput) {
  const FakeTools tools;
  for (const std::string name : {"perf", "memory", "bintime", "strace", "temps", "uname"}) {
    BackendSpec spec = *shipped_backends().find(name);
    use_fake_time(spec);
    Target target = program;
    target.program = {"witness"};
    const auto commands = Chain::build({spec})->compose(target, one_copy);
    ASSERT_THAT(tools.witnessed(commands->at(0)), SizeIs(3)) << name << ": " << tools.last_output();
    const std::string printed = tools.last_output();
    for (const MetricSpec& metric : spec.metrics) {
      const auto columns =
          extract(metric.extract, metric.name, {.output = printed, .out = printed, .err = printed});
      ASSERT_TRUE(columns) << render(columns.error());
      ASSERT_THAT(*columns, Not(IsEmpty())) << name << " " << metric.name;
      EXPECT_THAT(columns->at(0).values, Not(IsEmpty())) << name << " " << metric.name << " in " << printed;
    }
  }
}

TEST(Chain, KeepsTheProgramsExitCodeBehindEveryTool) {
  const FakeTools tools;
  for (const std::string name : {"local", "perf", "memory", "bintime", "strace", "temps", "uname", "ssh",
                                 "mpi", "docker-exec", "inner_time", "power"}) {
    BackendSpec spec = *shipped_backends().find(name);
    use_fake_time(spec);
    const Target failing{.program = {"sh"}, .args = {"-c", "exit 7"}, .function = "fn"};
    const auto commands = Chain::build({spec})->compose(failing, one_copy);

    ASSERT_TRUE(commands);
    (void)tools.witnessed(commands->at(0));

    EXPECT_EQ(tools.last_exit_code(), 7) << name;
  }
}

// --- facts about the chain -------------------------------------------------------------------------------------

TEST(Chain, NamesTheMissingProgramAndItsPackage) {
  const auto missing = written({"run: [no-such-tool, $CMD]\nrequires: {no-such-tool: no-such-package}\n"});

  const auto checked = missing->check_programs();

  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::environment);
  EXPECT_THAT(checked.error().what, HasSubstr("\"no-such-tool\""));
  EXPECT_EQ(checked.error().hint, "apt-get install no-such-package");
}

TEST(Chain, ExpectsProgramsBehindSshOnTheOtherMachine) {
  const auto remote = written({"remote: true\nrun: [sh, -c, $COMMAND_LINE]", "run: [no-such-tool, $CMD]"});

  EXPECT_TRUE(remote->check_programs());
}

TEST(Chain, KnowsWhetherTheProgramRunsHere) {
  EXPECT_TRUE(chain({"perf", "mpi"}).runs_program_here());
  EXPECT_FALSE(chain({"ssh"}).runs_program_here());
  EXPECT_TRUE(chain({"ssh"}).runs_program());
  EXPECT_FALSE(chain({"perf", "docker"}).runs_program());
}

TEST(Chain, AsksForAFreshFolderOnlyWhenALayerUsesIt) {
  EXPECT_EQ(chain({"perf"}).tmp_parent(), "");
  EXPECT_EQ(chain({"mpip"}, "mpip: {tmp_path: /shared/tmp}").tmp_parent(), "/shared/tmp");
}

TEST(Chain, CollectsMetricsOutermostFirstAndEachNameOnce) {
  std::vector<std::string> names;
  for (const MetricSpec& metric : chain({"memory", "bintime"}).metrics()) names.push_back(metric.name);

  EXPECT_EQ(names[0], "max_rss");
  EXPECT_EQ(std::count(names.begin(), names.end(), "max_rss"), 1);
  EXPECT_THAT(chain({"strace", "temps"}).metrics(), SizeIs(2)) << "each has its own auto metric";
}

TEST(Chain, ExplainsItselfWithoutRunningAnything) {
  const FakeTools tools;

  const auto text = chain({"perf", "docker"}).explain(program, one_copy);

  ASSERT_TRUE(text) << render(text.error());
  EXPECT_THAT(*text, HasSubstr("perf > docker > fn"));
  EXPECT_THAT(*text, HasSubstr("<URL of docker>"));
  EXPECT_THAT(*text, HasSubstr("docker: docker restart fn"));
  EXPECT_THAT(*text, HasSubstr("\"--data-raw\", \"1 2\""));
  EXPECT_THAT(tools.take_log(), IsEmpty());
}

}  // namespace
}  // namespace thaw
