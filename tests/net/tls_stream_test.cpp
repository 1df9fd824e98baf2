#include "net/tls_stream.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>

#include "net/certificate.h"

namespace thaw {
namespace {

using testing::HasSubstr;
using Step = TlsStream::Step;

/// Both ends of a connection over a pair of sockets.
struct TlsPair {
  FileDescriptor client_socket;
  FileDescriptor server_socket;
  std::optional<TlsStream> client;
  std::optional<TlsStream> server;
  Step client_step = Step::wants_read;
  Step server_step = Step::wants_read;

  TlsPair(const TlsContext& client_context, const TlsContext& server_context, const std::string& host) {
    std::array<int, 2> sockets{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, sockets.data()), 0);
    client_socket = FileDescriptor(sockets[0]);
    server_socket = FileDescriptor(sockets[1]);
    client = TlsStream::connect(client_context, sockets[0], host).value();
    server = TlsStream::accept(server_context, sockets[1]).value();
    for (int turn = 0; turn < 10; ++turn) {
      if (client_step != Step::done && client_step != Step::failed) client_step = client->shake_hands();
      if (server_step != Step::done && server_step != Step::failed) server_step = server->shake_hands();
    }
  }
};

TlsContext server_of(const TestCertificate& its) {
  return TlsContext::server(its.certificate(), its.key(), {"h2", "http/1.1"}).value();
}

TEST(TlsStream, CarriesBytesBothWays) {
  const TestCertificate its("DNS:localhost");
  TlsPair pair(TlsContext::client({.ca_file = its.certificate()}).value(), server_of(its), "localhost");
  ASSERT_EQ(pair.client_step, Step::done);
  ASSERT_EQ(pair.server_step, Step::done);

  std::size_t put = 0;
  std::size_t got = 0;
  std::array<char, 16> buffer{};
  EXPECT_EQ(pair.client->write("ping", put), Step::done);
  EXPECT_EQ(pair.server->read(buffer, got), Step::done);
  EXPECT_EQ(std::string_view(buffer.data(), got), "ping");
  EXPECT_EQ(pair.server->write("pong!", put), Step::done);
  EXPECT_EQ(pair.client->read(buffer, got), Step::done);
  EXPECT_EQ(std::string_view(buffer.data(), got), "pong!");
  EXPECT_EQ(pair.client->read(buffer, got), Step::wants_read);
}

TEST(TlsStream, AgreesOnTheServersFavouriteProtocol) {
  const TestCertificate its("DNS:localhost");
  const auto both = TlsContext::client({.ca_file = its.certificate(), .alpn = {"http/1.1", "h2"}}).value();
  const auto old = TlsContext::client({.ca_file = its.certificate(), .alpn = {"http/1.1"}}).value();
  const auto none = TlsContext::client({.ca_file = its.certificate()}).value();

  EXPECT_EQ(TlsPair(both, server_of(its), "localhost").client->protocol(), "h2");
  EXPECT_EQ(TlsPair(old, server_of(its), "localhost").client->protocol(), "http/1.1");
  EXPECT_EQ(TlsPair(none, server_of(its), "localhost").client->protocol(), "");
}

TEST(TlsStream, RefusesAnUnknownAuthority) {
  const TestCertificate its("DNS:localhost");
  TlsPair pair(TlsContext::client({}).value(), server_of(its), "localhost");

  EXPECT_EQ(pair.client_step, Step::failed);
  EXPECT_THAT(pair.client->reason(), HasSubstr("self-signed certificate"));
}

TEST(TlsStream, RefusesACertificateForAnotherHost) {
  const TestCertificate its("DNS:example.org");
  TlsPair pair(TlsContext::client({.ca_file = its.certificate()}).value(), server_of(its), "localhost");

  EXPECT_EQ(pair.client_step, Step::failed);
  EXPECT_THAT(pair.client->reason(), HasSubstr("hostname mismatch"));
}

TEST(TlsStream, ChecksAddresses) {
  const TestCertificate its("IP:127.0.0.1");
  const auto context = TlsContext::client({.ca_file = its.certificate()}).value();

  EXPECT_EQ(TlsPair(context, server_of(its), "127.0.0.1").client_step, Step::done);
  EXPECT_EQ(TlsPair(context, server_of(its), "127.0.0.2").client_step, Step::failed);
}

TEST(TlsStream, AcceptsAnyCertificateOnlyWhenAsked) {
  const TestCertificate its("DNS:example.org");
  TlsPair pair(TlsContext::client({.verifies = false}).value(), server_of(its), "localhost");

  EXPECT_EQ(pair.client_step, Step::done);
}

TEST(TlsStream, SaysThatTheOtherSideHasLeft) {
  const TestCertificate its("DNS:localhost");
  TlsPair pair(TlsContext::client({.ca_file = its.certificate()}).value(), server_of(its), "localhost");
  std::array<char, 16> buffer{};
  std::size_t got = 0;

  pair.server->say_goodbye();

  EXPECT_EQ(pair.client->read(buffer, got), Step::closed);
}

TEST(TlsStream, TakesALeavingWithoutGoodbyeAsTheEnd) {
  const TestCertificate its("DNS:localhost");
  TlsPair pair(TlsContext::client({.ca_file = its.certificate()}).value(), server_of(its), "localhost");
  std::array<char, 16> buffer{};
  std::size_t got = 0;

  pair.server.reset();
  pair.server_socket.reset();

  EXPECT_EQ(pair.client->read(buffer, got), Step::closed);
}

TEST(TlsStream, FailsWhenTheOtherSideSpeaksNoTls) {
  const TestCertificate its("DNS:localhost");
  std::array<int, 2> sockets{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, sockets.data()), 0);
  const FileDescriptor client(sockets[0]);
  const FileDescriptor server(sockets[1]);
  const TlsContext context = TlsContext::client({}).value();
  TlsStream stream = TlsStream::connect(context, client.get(), "localhost").value();
  ASSERT_TRUE(write_all(server.get(), "HTTP/1.1 400 Bad Request\r\n\r\n", "socket"));

  EXPECT_EQ(stream.shake_hands(), Step::failed);
  EXPECT_FALSE(stream.reason().empty());
}

TEST(TlsContext, RefusesFilesThatAreNoCertificates) {
  const auto context = TlsContext::client({.ca_file = "/dev/null"});

  ASSERT_FALSE(context);
  EXPECT_EQ(context.error().kind, ErrorKind::bad_input);
}

}  // namespace
}  // namespace thaw
