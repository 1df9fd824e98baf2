// The redfish probe against a controller on loopback, and that controller against a client nobody here wrote.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "bench/probe.h"
#include "bench/probes/credentials.h"
#include "bench/probes/redfish_client.h"
#include "core/process.h"
#include "core/text.h"
#include "fakes/redfish_stub.h"

namespace thaw {
namespace {

using fakes::RedfishStub;
using fakes::StubOptions;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// A clock that stands until it is moved; shared with the stub and the probe's own thread.
class StandingClock final : public Clock {
 public:
  MonotonicTime now() const override { return MonotonicTime(passed_.load()); }
  WallTime wall() const override { return *parse_utc("2026-11-21T09:00:00Z") + passed_.load(); }
  void sleep_until(MonotonicTime) override {}
  void pass(Nanos time) { passed_.store(passed_.load() + time); }

 private:
  std::atomic<Nanos> passed_{Nanos(0)};
};

/// A folder with a credentials file, and the options of a probe that trusts the stub.
class RedfishProbe : public testing::Test {
 protected:
  ProbeOptions options_for(const RedfishStub& stub, const std::string& password = "correct horse") {
    return {{"url", stub.url()},
            {"credentials_file", write("credentials", "user=admin\npassword=" + password + "\n", 0600)},
            {"ca_file", write("ca.pem", stub.certificate(), 0644)},
            {"timeout", "5s"},
            {"interval", "5ms"}};
  }

  std::string write(const std::string& name, const std::string& content, mode_t mode) {
    const Path path = folder_->path() / name;
    std::ofstream(path) << content;
    ::chmod(path.c_str(), mode);
    return path.string();
  }

  StandingClock clock_;
  Result<TemporaryDirectory> folder_ = TemporaryDirectory::create("thaw-redfish");
};

ProbeOptions with(ProbeOptions options, const std::string& name, const std::string& text) {
  std::erase_if(options, [&](const auto& option) { return option.first == name; });
  options.emplace_back(name, text);
  return options;
}

/// The readings by name.
std::map<std::string, std::optional<double>> by_name(const ProbeReading& reading) {
  return {reading.values.begin(), reading.values.end()};
}

StubOptions served_by(StandingClock& clock) {
  StubOptions options;
  options.clock = &clock;
  return options;
}

TEST_F(RedfishProbe, IntegratesTheMetersSamplesOfTheRun) {
  StubOptions stub_options = served_by(clock_);
  stub_options.watts = [this, start = clock_.wall()](WallTime time) {
    return 100 + to_seconds(time - start);
  };
  const RedfishStub stub(stub_options);
  auto probe = make_probe("redfish", options_for(stub), clock_);

  ASSERT_TRUE((*probe)->start());
  clock_.pass(seconds(60));
  const ProbeReading reading = (*probe)->stop();

  // 100 W + t: the integral of 0 … 60 s; samples stand at both ends. Peaks are 10 W above.
  auto power = by_name(reading);
  EXPECT_DOUBLE_EQ(*power["energy"], 6000 + 60 * 60 / 2);
  EXPECT_DOUBLE_EQ(*power["avg_power"], 130);
  EXPECT_EQ(power["min_power"], 100);
  EXPECT_EQ(power["max_power"], 170);
  EXPECT_EQ(reading.problem, "");
}

TEST_F(RedfishProbe, ReadsTheOtherLayoutOfTheMeter) {
  StubOptions stub_options = served_by(clock_);
  stub_options.layout = fakes::MeterLayout::samples_list;
  const RedfishStub stub(stub_options);
  auto probe = make_probe("redfish", options_for(stub), clock_);

  ASSERT_TRUE((*probe)->start());
  clock_.pass(seconds(30));

  EXPECT_EQ(by_name((*probe)->stop())["energy"], 6000);
}

TEST_F(RedfishProbe, UsesPolledPowerForARunTooShortForTheMeter) {
  const RedfishStub stub(served_by(clock_));
  auto probe = make_probe("redfish", options_for(stub), clock_);

  ASSERT_TRUE((*probe)->start());
  clock_.pass(milliseconds(500));
  const ProbeReading reading = (*probe)->stop();

  EXPECT_EQ(by_name(reading)["avg_power"], 200);
  EXPECT_EQ(by_name(reading)["energy"], 100);
  EXPECT_THAT(reading.problem, HasSubstr("polled"));
}

TEST_F(RedfishProbe, AllowsForAControllerWhoseClockIsWrong) {
  StubOptions stub_options = served_by(clock_);
  stub_options.clock_ahead = seconds(3600);
  const RedfishStub stub(stub_options);
  auto probe = make_probe("redfish", options_for(stub), clock_);

  ASSERT_TRUE((*probe)->start());
  clock_.pass(seconds(60));
  const ProbeReading reading = (*probe)->stop();

  EXPECT_EQ(by_name(reading)["energy"], 12000);
  EXPECT_THAT(reading.problem, HasSubstr("clock differs by"));
  EXPECT_THAT(reading.problem, Not(HasSubstr("polled")));
}

TEST_F(RedfishProbe, MeasuresOneRepetitionAfterAnotherInOneSession) {
  const RedfishStub stub(served_by(clock_));
  auto probe = make_probe("redfish", options_for(stub), clock_);

  for (int repetition = 0; repetition < 3; ++repetition) {
    ASSERT_TRUE((*probe)->start());
    clock_.pass(seconds(30));
    EXPECT_EQ(by_name((*probe)->stop())["energy"], 6000);
  }

  const auto requests = stub.requests();
  EXPECT_EQ(std::ranges::count_if(requests, [](const auto& request) { return request.starts_with("POST"); }),
            1);
}

TEST_F(RedfishProbe, ClosesItsSession) {
  const RedfishStub stub(served_by(clock_));
  auto probe = make_probe("redfish", options_for(stub), clock_);
  ASSERT_TRUE((*probe)->start());
  (*probe)->stop();
  ASSERT_EQ(stub.open_sessions(), 1U);

  probe->reset();

  EXPECT_EQ(stub.open_sessions(), 0U);
  EXPECT_THAT(stub.requests(), Contains(StartsWith("DELETE /redfish/v1/SessionService/Sessions/")));
}

TEST_F(RedfishProbe, LogsInAgainWhenTheSessionHasExpired) {
  StubOptions stub_options = served_by(clock_);
  stub_options.session_requests = 2;
  const RedfishStub stub(stub_options);
  auto probe = make_probe("redfish", options_for(stub), clock_);

  ASSERT_TRUE((*probe)->start());
  clock_.pass(seconds(30));

  EXPECT_EQ(by_name((*probe)->stop())["energy"], 6000);
}

TEST_F(RedfishProbe, ConnectsAgainWhenTheControllerHungUp) {
  StubOptions stub_options = served_by(clock_);
  stub_options.closes_after_each = true;
  const RedfishStub stub(stub_options);
  auto probe = make_probe("redfish", options_for(stub), clock_);

  ASSERT_TRUE((*probe)->start());
  clock_.pass(seconds(30));

  EXPECT_EQ(by_name((*probe)->stop())["energy"], 6000);
}

TEST_F(RedfishProbe, SendsUserAndPasswordWithEachRequestWhenAsked) {
  const RedfishStub stub(served_by(clock_));
  auto probe = make_probe("redfish", with(options_for(stub), "auth", "basic"), clock_);

  ASSERT_TRUE((*probe)->start());
  (*probe)->stop();

  EXPECT_THAT(stub.requests(), Not(Contains(StartsWith("POST"))));
}

// --- Faults -------------------------------------------------------------------------------------------

TEST_F(RedfishProbe, SaysThatThePasswordIsRefusedWithoutRepeatingIt) {
  const RedfishStub stub;
  auto probe = make_probe("redfish", options_for(stub, "wrong-secret"), clock_);

  const auto started = (*probe)->start();

  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().what, "the management controller 127.0.0.1 refuses the user or the password");
  EXPECT_THAT(render(started.error()), Not(HasSubstr("wrong-secret")));
}

TEST_F(RedfishProbe, SaysThatNobodyListens) {
  std::string url;
  {
    const RedfishStub gone;
    url = gone.url();
  }
  const RedfishStub stub;
  auto probe = make_probe("redfish", with(options_for(stub), "url", url), clock_);

  const auto started = (*probe)->start();

  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().kind, ErrorKind::environment);
  EXPECT_THAT(started.error().what, HasSubstr("cannot be reached: Connection refused"));
}

TEST_F(RedfishProbe, GivesUpOnASlowController) {
  StubOptions stub_options;
  stub_options.latency = seconds(30);
  const RedfishStub stub(stub_options);
  auto probe = make_probe("redfish", with(options_for(stub), "timeout", "200ms"), clock_);

  const auto started = (*probe)->start();

  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().what, HasSubstr("within 200ms"));
}

TEST_F(RedfishProbe, QuotesTheBeginningOfGarbage) {
  StubOptions stub_options;
  stub_options.speaks_garbage = true;
  const RedfishStub stub(stub_options);
  auto probe = make_probe("redfish", options_for(stub), clock_);

  const auto started = (*probe)->start();

  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().what, "the answer is no JSON object but '<html>Service Unavailable</html>'");
}

TEST_F(RedfishProbe, GivesMissingMetricsWhenTheControllerGoesAwayDuringTheRun) {
  auto stub = std::make_unique<RedfishStub>(served_by(clock_));
  auto probe = make_probe("redfish", with(options_for(*stub), "interval", "1h"), clock_);
  ASSERT_TRUE((*probe)->start());
  clock_.pass(-seconds(1));  // Whatever was polled lies outside the run.

  stub.reset();
  const ProbeReading reading = (*probe)->stop();

  EXPECT_EQ(by_name(reading)["energy"], std::nullopt);
  EXPECT_THAT(reading.problem, HasSubstr("the management controller 127.0.0.1"));
}

TEST_F(RedfishProbe, NamesAChassisThatIsNotThere) {
  const RedfishStub stub;
  auto probe = make_probe("redfish", with(options_for(stub), "chassis", "7"), clock_);

  const auto started = (*probe)->start();

  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().what, HasSubstr("answers 404 to GET /redfish/v1/Chassis/7/Power"));
}

// --- Trust --------------------------------------------------------------------------------------------

TEST_F(RedfishProbe, RefusesACertificateNobodySigned) {
  const RedfishStub stub;
  auto probe = make_probe("redfish", with(options_for(stub), "ca_file", ""), clock_);

  const auto started = (*probe)->start();

  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().what, HasSubstr("is not trusted: self-signed certificate"));
  EXPECT_EQ(stub.requests().size(), 0U);
}

TEST_F(RedfishProbe, RefusesATrustedCertificateOfAnotherHost) {
  const RedfishStub stub;
  const std::string url = "https://localhost" + stub.url().substr(stub.url().rfind(':'));
  auto probe = make_probe("redfish", with(options_for(stub), "url", url), clock_);

  const auto started = (*probe)->start();

  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().what, HasSubstr("is not trusted"));
}

TEST_F(RedfishProbe, TrustsTheCertificateWithTheGivenFingerprint) {
  const RedfishStub stub(served_by(clock_));
  auto probe = make_probe(
      "redfish", with(with(options_for(stub), "ca_file", ""), "fingerprint", stub.fingerprint()), clock_);

  EXPECT_TRUE((*probe)->start());
  (*probe)->stop();
}

TEST_F(RedfishProbe, RefusesAnotherFingerprintBeforeSendingAnything) {
  const RedfishStub stub;
  const RedfishStub other;
  auto probe = make_probe("redfish", with(options_for(stub), "fingerprint", other.fingerprint()), clock_);

  const auto started = (*probe)->start();

  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().what, HasSubstr("it has another fingerprint"));
  EXPECT_EQ(stub.requests().size(), 0U);
}

TEST_F(RedfishProbe, TrustsAnyoneWhenToldTo) {
  const RedfishStub stub(served_by(clock_));
  auto probe =
      make_probe("redfish", with(with(options_for(stub), "ca_file", ""), "insecure", "true"), clock_);

  EXPECT_TRUE((*probe)->start());
  (*probe)->stop();
}

// --- Options and credentials ----------------------------------------------------------------------------

TEST_F(RedfishProbe, SuggestsTheNearestOption) {
  const auto probe = make_probe("redfish", {{"intervall", "1s"}}, clock_);

  ASSERT_FALSE(probe);
  EXPECT_THAT(probe.error().hint, HasSubstr("interval"));
}

TEST_F(RedfishProbe, RefusesAWordThatIsNeitherTrueNorFalse) {
  const RedfishStub stub;

  EXPECT_FALSE(make_probe("redfish", with(options_for(stub), "insecure", "maybe"), clock_));
}

TEST_F(RedfishProbe, SuggestsTheNearestProbe) {
  const auto probe = make_probe("redfisch", {}, clock_);

  ASSERT_FALSE(probe);
  EXPECT_EQ(probe.error().hint, "did you mean \"redfish\"?");
}

TEST_F(RedfishProbe, RefusesCredentialsThatOthersCanRead) {
  const std::string file = write("open", "user=admin\npassword=secret\n", 0644);

  const auto found = redfish::find_credentials(file, [](std::string_view) { return std::nullopt; });

  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().what, "others can read the credentials: mode 0644, wanted 0600");
  EXPECT_EQ(found.error().hint, "chmod 600 " + file);
}

TEST_F(RedfishProbe, TakesCredentialsFromTheEnvironmentFirst) {
  const auto found = redfish::find_credentials(
      "/nonexistent", [](std::string_view name) { return std::optional("<" + std::string(name) + ">"); });

  ASSERT_TRUE(found);
  EXPECT_EQ(found->user, "<THAW_REDFISH_USER>");
  EXPECT_EQ(found->password, "<THAW_REDFISH_PASSWORD>");
}

TEST_F(RedfishProbe, KeepsEverythingBehindTheEqualsSignOfAPassword) {
  const auto found = redfish::find_credentials(write("credentials", "user=a b\npassword= x=#'y' \n", 0600),
                                               [](std::string_view) { return std::nullopt; });

  ASSERT_TRUE(found);
  EXPECT_EQ(found->user, "a b");
  EXPECT_EQ(found->password, " x=#'y' ");
}

TEST_F(RedfishProbe, SaysHowToGiveCredentials) {
  const auto found = redfish::find_credentials({}, [](std::string_view) { return std::nullopt; });

  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().hint, HasSubstr("THAW_REDFISH_USER"));
}

TEST(RedfishServer, ReadsHostAndPort) {
  redfish::Server server;

  ASSERT_TRUE(redfish::parse_server("https://ilo.example:8443/redfish", server));
  EXPECT_EQ(server.host + " " + server.port, "ilo.example 8443");
  ASSERT_TRUE(redfish::parse_server("[::1]", server));
  EXPECT_EQ(server.host + " " + server.port, "::1 443");
}

TEST(RedfishServer, RefusesPlainHttpPasswordsAndNonsense) {
  redfish::Server server;

  for (const auto* url : {"http://ilo", "https://me:secret@ilo", "https://", "ilo:99999", "ilo:x"}) {
    const auto parsed = redfish::parse_server(url, server);
    ASSERT_FALSE(parsed) << url;
    EXPECT_THAT(parsed.error().what, Not(HasSubstr("secret")));
  }
}

// --- The stub itself, seen by an independent client -----------------------------------------------------

TEST(RedfishStub, AnswersRedfishtool) {
  const auto tool = find_program("redfishtool");
  if (!tool) GTEST_SKIP() << "redfishtool is not installed (Debian package redfishtool)";
  const RedfishStub stub;
  const Command command{{tool->string(), "-r", stub.url().substr(8), "-u", "admin", "-p", "correct horse",
                         "-S", "Always", "-A", "Session", "Chassis", "-I", "1", "Power"},
                        {{"PYTHONWARNINGS", "ignore"}}};

  const auto output = run_tool(command);

  ASSERT_TRUE(output);
  ASSERT_TRUE(output->succeeded()) << output->out << output->err;
  const auto power = nlohmann::json::parse(output->out, nullptr, false);
  ASSERT_TRUE(power.is_object()) << output->out;
  EXPECT_EQ(power["PowerControl"][0]["PowerConsumedWatts"], 200);
  EXPECT_THAT(stub.requests(), Contains(StartsWith("POST /redfish/v1/SessionService/Sessions")));
}

}  // namespace
}  // namespace thaw
