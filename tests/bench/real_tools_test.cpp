// The shipped backends with the real tools, each test skipped where its tool is missing.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "bench/chain_trial.h"
#include "bench/repetition.h"
#include "core/clock.h"

namespace thaw {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

const std::vector<std::string> arguments = {"two words", "it's", "$HOME *", "line\nbreak"};
/// Prints each argument between brackets, with its length.
const Target printing{.program = {"sh"},
                      .args = {"-c", R"(for word; do printf '[%s]' "$word"; done)", "sh", arguments[0],
                               arguments[1], arguments[2], arguments[3]},
                      .function = "f"};
constexpr std::string_view printed_arguments = "[two words][it's][$HOME *][line\nbreak]";

/// PATH without the stand-ins that other tests put there.
void use_real_tools() {
  const std::string fakes = std::string(THAW_SOURCE_DIR) + "/tests/fakes:";
  const std::string path = environment_variable("PATH").value_or("");
  if (path.starts_with(fakes)) ::setenv("PATH", path.substr(fakes.size()).c_str(), 1);
}

bool is_there(std::string_view program) {
  use_real_tools();
  return find_program(program).has_value();
}

ToolOutput run_chain(const Chain& chain, const Target& target,
                     const RunContext& context = {.token = "beef"}) {
  const auto commands = chain.compose(target, context);
  EXPECT_TRUE(commands) << render(commands.error());
  auto output = run_tool(commands->at(0));
  EXPECT_TRUE(output) << render(output.error());
  return *std::move(output);
}

std::vector<ExtractedColumn> columns_of(const Chain& chain, const ToolOutput& output) {
  std::vector<ExtractedColumn> all;
  const std::string text = output.out + output.err;
  for (const MetricSpec& metric : chain.metrics()) {
    auto columns =
        extract(metric.extract, metric.name, {.output = text, .out = output.out, .err = output.err});
    EXPECT_TRUE(columns) << render(columns.error());
    for (ExtractedColumn& column : *columns) all.push_back(std::move(column));
  }
  return all;
}

const ExtractedColumn* find_column(const std::vector<ExtractedColumn>& columns, std::string_view name) {
  for (const ExtractedColumn& column : columns) {
    if (column.name == name && !column.values.empty()) return &column;
  }
  return nullptr;
}

TEST(RealTool, TimeGivesAllItsNumbers) {
  if (!is_there("/usr/bin/time")) GTEST_SKIP() << "GNU time is not installed (apt-get install time)";
  const auto chain = chain_of({"bintime"});

  const ToolOutput output = run_chain(*chain, printing);

  EXPECT_THAT(output.out, HasSubstr(printed_arguments));
  for (const ExtractedColumn& column : columns_of(*chain, output))
    EXPECT_THAT(column.values, SizeIs(1)) << column.name;
}

TEST(RealTool, TimeGivesTheMemory) {
  if (!is_there("/usr/bin/time")) GTEST_SKIP() << "GNU time is not installed (apt-get install time)";
  const auto chain = chain_of({"memory"});

  const auto columns = columns_of(*chain, run_chain(*chain, printing));

  ASSERT_NE(find_column(columns, "max_rss"), nullptr);
  EXPECT_GT(std::get<double>(*find_column(columns, "max_rss")->values[0]), 100);
}

TEST(RealTool, PerfGivesAColumnForEachMetricEvenIfNothingCanBeCounted) {
  if (!is_there("perf")) GTEST_SKIP() << "perf is not installed (apt-get install linux-perf)";
  const auto chain = chain_of({"perf"});

  const ToolOutput output = run_chain(*chain, printing);

  if (output.report.exit_code != 0) GTEST_SKIP() << "perf cannot count here: " << output.err;
  EXPECT_THAT(output.out, HasSubstr(printed_arguments));
  const auto columns = columns_of(*chain, output);
  EXPECT_THAT(columns, SizeIs(15));
  EXPECT_NE(find_column(columns, "perf_time"), nullptr);
  EXPECT_NE(find_column(columns, "page_faults"), nullptr);
}

TEST(RealTool, PerfLosesNoExitCodeOfTheShortestProgram) {
  if (!is_there("perf")) GTEST_SKIP() << "perf is not installed (apt-get install linux-perf)";
  const auto chain = chain_of({"perf"});
  ASSERT_TRUE(chain->forgets_exit());
  const auto commands = chain->compose({.program = {"/bin/false"}}, {.token = "beef"});

  for (int i = 0; i < 100; ++i) {
    OutputFiles files;
    const auto copies = run_repetition(*commands, {.limits = {.adopts_abandoned = true}}, files);

    ASSERT_EQ(copies->at(0).report.exit_code, 1) << copies->at(0).err;
  }
}

TEST(RealTool, PerfsMessageTellsTheSignalThatEndedTheProgram) {
  if (!is_there("perf")) GTEST_SKIP() << "perf is not installed (apt-get install linux-perf)";
  const auto chain = chain_of({"perf"});
  for (const int number : {SIGSEGV, SIGKILL, SIGTERM, SIGABRT, SIGFPE, SIGBUS, SIGPIPE}) {
    const Target target{.program = {"sh"}, .args = {"-c", fmt::format("kill -{} $$", number)}};

    OutputFiles files;
    const auto copies = run_repetition(
        *chain->compose(target, {.token = "beef"}),
        {.limits = {.adopts_abandoned = true}, .failure_texts = chain->failure_texts()}, files);

    EXPECT_EQ(copies->at(0).status(), "signal") << number << copies->at(0).err;
    EXPECT_EQ(copies->at(0).report.signal, number);
  }
}

TEST(RealTool, StraceGivesTheTimeInEachSystemCall) {
  if (!is_there("strace")) GTEST_SKIP() << "strace is not installed (apt-get install strace)";
  const auto chain = chain_of({"strace"});

  const ToolOutput output = run_chain(*chain, printing);

  if (output.report.exit_code != 0) GTEST_SKIP() << "strace cannot trace here: " << output.err;
  EXPECT_THAT(output.out, HasSubstr(printed_arguments));
  EXPECT_NE(find_column(columns_of(*chain, output), "execve"), nullptr);
}

TEST(RealTool, UnameNamesTheKernel) {
  const auto chain = chain_of({"uname"});

  const auto columns = columns_of(*chain, run_chain(*chain, printing));

  EXPECT_NE(find_column(columns, "kernel"), nullptr);
}

TEST(RealTool, MpirunStartsTheRanksOnceAndEachSaysWhereItRuns) {
  if (!is_there("mpirun")) GTEST_SKIP() << "no MPI is installed (apt-get install openmpi-bin)";
  for (const auto& names : {std::vector<std::string>{"mpi"}, {"inner_time", "mpi"}}) {
    const auto chain = chain_of(names);

    const ToolOutput output = run_chain(*chain, printing, {.copies = 4, .token = "beef"});

    ASSERT_EQ(output.report.exit_code, 0) << output.err;
    EXPECT_THAT(output.out, HasSubstr(printed_arguments));
    const auto columns = columns_of(*chain, output);
    ASSERT_NE(find_column(columns, "mpi-rank"), nullptr);
    EXPECT_THAT(find_column(columns, "mpi-rank")->values, SizeIs(4));
  }
}

/// A port of the loopback that nobody listens on. The kernel gives each one out once in a long while.
int free_port() {
  const FileDescriptor probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{
      .sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(::bind(probe.get(), generic, size), 0);
  EXPECT_EQ(::getsockname(probe.get(), generic, &size), 0);
  return ntohs(address.sin_port);
}

/// sshd on a port of the loopback, with keys of its own.
class LoopbackSshd {
 public:
  LoopbackSshd() {
    std::filesystem::create_directories("/run/sshd");
    const std::string folder = folder_.path().string();
    for (const char* key : {"hostkey", "id"}) {
      (void)run_tool({{"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder + "/" + key}, {}});
    }
    std::filesystem::copy_file(folder_.path() / "id.pub", folder_.path() / "authorized_keys");
    std::filesystem::create_directory(folder_.path() / "home");
    std::ofstream(folder_.path() / "sshd_config") << fmt::format(
        "Port {1}\nListenAddress 127.0.0.1\nHostKey {0}/hostkey\nPidFile {0}/sshd.pid\n"
        "AuthorizedKeysFile {0}/authorized_keys\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
        "PermitRootLogin prohibit-password\nUsePAM no\nStrictModes no\nSetEnv HOME={0}/home\n",
        folder, port_);
    const auto started =
        run_tool({{"/usr/sbin/sshd", "-f", folder + "/sshd_config", "-E", folder + "/log"}, {}});
    is_running_ = started && started->succeeded();
    wait_for_pid();
  }
  ~LoopbackSshd() {
    if (pid_ > 0) ::kill(pid_, SIGTERM);
  }
  LoopbackSshd(const LoopbackSshd&) = delete;
  LoopbackSshd& operator=(const LoopbackSshd&) = delete;

  [[nodiscard]] bool is_running() const { return is_running_ && pid_ > 0; }
  /// backend_options that lead ssh here.
  [[nodiscard]] std::string options() const {
    return fmt::format(
        "ssh: {{hosts: [127.0.0.1, localhost], placeholders: {{SSHFLAGS: [-p, {}, -i, {}/id, -o, "
        "StrictHostKeyChecking=no, -o, UserKnownHostsFile=/dev/null, -o, LogLevel=ERROR]}}}}",
        port_, folder_.path().string());
  }

 private:
  void wait_for_pid() {
    const MonotonicTime limit = system_clock().now() + 5s;
    while (is_running_ && pid_ == 0 && system_clock().now() < limit) {
      const auto text = read_file_if_any(folder_.path() / "sshd.pid").value_or("");
      pid_ = static_cast<pid_t>(parse_integer(trim(text)).value_or(0));
    }
  }

  const int port_ = free_port();  // Tests may run side by side, and other programs hold ports too.
  TemporaryDirectory folder_ = *TemporaryDirectory::create("thaw-sshd");
  bool is_running_ = false;
  pid_t pid_ = 0;
};

class RealSsh : public testing::Test {
 protected:
  void SetUp() override {
    if (!is_there("ssh") || !is_there("/usr/sbin/sshd")) {
      GTEST_SKIP() << "ssh or sshd is not installed (apt-get install openssh-client openssh-server)";
    }
    if (::geteuid() != 0) GTEST_SKIP() << "sshd for one's own account needs root here";
    sshd_.emplace();
    if (!sshd_->is_running()) GTEST_SKIP() << "sshd did not start";
  }
  std::optional<LoopbackSshd> sshd_;
};

TEST_F(RealSsh, PassesArgumentsUnchangedThroughTwoAndThreeLayers) {
  for (const auto& names :
       {std::vector<std::string>{"ssh"}, {"ssh", "uname"}, {"uname", "ssh"}, {"uname", "ssh", "temps"}}) {
    const auto chain = chain_of(names, sshd_->options());

    const ToolOutput output = run_chain(*chain, printing);

    EXPECT_EQ(output.report.exit_code, 0) << output.err;
    EXPECT_THAT(output.out, HasSubstr(printed_arguments));
  }
}

TEST_F(RealSsh, CarriesTheEnvironment) {
  Target target{
      .program = {"sh"}, .args = {"-c", "printf '[%s]' \"$MODE\""}, .env = {{"MODE", "it's $HOME"}}};

  EXPECT_THAT(run_chain(*chain_of({"ssh"}, sshd_->options()), target).out, HasSubstr("[it's $HOME]"));
}

TEST_F(RealSsh, KillsWhatAStoppedRunLeftOnTheHost) {
  const auto chain = chain_of({"ssh"}, sshd_->options());
  const Target endless{.program = {"sleep"}, .args = {"1234"}};
  const RunContext context{.token = "real-ssh-test"};
  const auto commands = chain->compose(endless, context);

  (void)run_tool(commands->at(0), {}, 700ms);
  const auto cleanup = chain->on_timeout(endless, context);
  ASSERT_TRUE(run_tool(cleanup->at(0).command)->succeeded());

  const auto left = run_tool({{"pgrep", "-f", "^sleep 1234"}, {}});
  EXPECT_EQ(left->out, "");
}

}  // namespace
}  // namespace thaw
