// Load through TLS, over HTTP/1.1 and HTTP/2.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "load/load_trial.h"
#include "load/scripted_server.h"
#include "load/tls_server.h"

namespace thaw {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Each;
using testing::Field;
using testing::SizeIs;
using tests::LoadTrial;
using tests::spaced;
using tests::TlsServer;

class LoadOverTls : public testing::TestWithParam<Protocol> {
 protected:
  /// A trial against the server on one connection, which trusts the certificate when it is given.
  LoadTrial trial_of(const std::string& url, const TestCertificate* trusted) const {
    LoadTrial trial(url);
    trial.target.protocol = GetParam();
    trial.sender.most_connections = 1;
    trial.sender.streams_per_connection = 8;
    if (trusted != nullptr) trial.sender.trusted_certificates = trusted->certificate().string();
    return trial;
  }
  const TestCertificate here_{"IP:127.0.0.1"};
  const TestCertificate elsewhere_{"IP:127.0.0.2,DNS:localhost"};
};

TEST_P(LoadOverTls, TakesEveryInvocationToItsEnd) {
  const TlsServer server(here_, {"h2", "http/1.1"});

  const auto all = trial_of(server.url(), &here_).send(spaced(50, 100us));

  EXPECT_THAT(all, AllOf(SizeIs(50), Each(Field(&Invocation::cause, Cause::none)),
                         Each(Field(&Invocation::status, 200))));
}

TEST_P(LoadOverTls, RefusesAnAuthorityThatItDoesNotTrust) {
  const TlsServer server(here_, {"h2", "http/1.1"});

  EXPECT_EQ(trial_of(server.url(), nullptr).send_one().cause, Cause::tls);
}

TEST_P(LoadOverTls, RefusesACertificateForAnotherHost) {
  const TlsServer server(elsewhere_, {"h2", "http/1.1"});

  EXPECT_EQ(trial_of(server.url(), &elsewhere_).send_one().cause, Cause::tls);
}

TEST_P(LoadOverTls, AcceptsAnyCertificateOnlyWhenAsked) {
  const TlsServer server(elsewhere_, {"h2", "http/1.1"});
  LoadTrial trial = trial_of(server.url(), nullptr);
  trial.sender.verifies_certificates = false;

  EXPECT_EQ(trial.send_one().cause, Cause::none);
}

TEST_P(LoadOverTls, SaysTlsWhenTheServerSpeaksNone) {
  const tests::ScriptedServer server([](tests::Peer& peer, int) {
    peer.read_body(5);
    peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  const std::string url = "https" + server.url().substr(4);

  EXPECT_EQ(trial_of(url, &here_).send_one().cause, Cause::tls);
}

INSTANTIATE_TEST_SUITE_P(Protocols, LoadOverTls, testing::Values(Protocol::http1, Protocol::http2),
                         [](const auto& tested) { return std::string(name_of(tested.param)); });

TEST(Http2OverTls, RefusesAServerThatDoesNotAgreeOnIt) {
  const TestCertificate here("IP:127.0.0.1");
  const TlsServer server(here, {"http/1.1"});
  LoadTrial trial(server.url());
  trial.target.protocol = Protocol::http2;
  trial.sender.trusted_certificates = here.certificate().string();

  EXPECT_EQ(trial.send_one().cause, Cause::tls);
}

}  // namespace
}  // namespace thaw
