// thaw-fn and clients that others wrote: curl, h2load, the gRPC library, Docker.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "core/process.h"
#include "functions/running_function.h"

namespace thaw::functions {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// Runs a client; skips the test, with the reason, where it is not installed.
#define REQUIRE_PROGRAM(name) \
  if (!find_program(name)) GTEST_SKIP() << name << " is not installed here"

std::string url_of(const RunningFunction& function, std::string_view path = "/") {
  return fmt::format("http://127.0.0.1:{}{}", function.port(), path);
}

ToolOutput run(std::vector<std::string> argv, std::string_view input = {}) {
  auto output = run_tool({std::move(argv), {}}, input);
  EXPECT_TRUE(output) << render(output.error());
  return output ? *std::move(output) : ToolOutput{};
}

TEST(ThawFnPeers, CurlSpeaksHttp2FromTheStart) {
  REQUIRE_PROGRAM("curl");
  const RunningFunction function;

  const ToolOutput curl =
      run({"curl", "-sS", "--http2-prior-knowledge", "-w", "%{http_version} %{http_code}", "-d",
           R"({"RuntimeInMilliSec": 2, "MemoryInMebiBytes": 1})", url_of(function)});

  EXPECT_THAT(curl.out, StartsWith("{\"Status\":\"OK\"")) << curl.err;
  EXPECT_THAT(curl.out, testing::EndsWith("2 200"));
}

TEST(ThawFnPeers, CurlOffersAnUpgradeAndStaysWithHttp1) {
  REQUIRE_PROGRAM("curl");
  const RunningFunction function;

  const ToolOutput curl =
      run({"curl", "-sS", "--http2", "-w", "%{http_version} %{http_code}", url_of(function)});

  EXPECT_THAT(curl.out, testing::EndsWith("1.1 200")) << curl.err;
}

TEST(ThawFnPeers, CurlSendsALargeBodyAndWaitsForContinue) {
  REQUIRE_PROGRAM("curl");
  const RunningFunction function({"--max-body", "8MiB"});
  const std::string body(5 << 20, 'x');

  for (const char* version : {"--http1.1", "--http2-prior-knowledge"}) {
    const ToolOutput curl = run({"curl", "-sS", version, "--data-binary", "@-", "-H", "Expect: 100-continue",
                                 "-w", "%{http_code}", url_of(function)},
                                body);
    EXPECT_THAT(curl.out, testing::EndsWith("200")) << version << ": " << curl.err;
  }
}

TEST(ThawFnPeers, CurlIsToldThatABodyIsTooLarge) {
  REQUIRE_PROGRAM("curl");
  const RunningFunction function;
  const std::string body(2 << 20, 'x');

  for (const char* version : {"--http1.1", "--http2-prior-knowledge"}) {
    const ToolOutput curl = run({"curl", "-sS", version, "--data-binary", "@-", "-w", "%{http_code}", "-o",
                                 "/dev/null", url_of(function)},
                                body);
    EXPECT_THAT(curl.out, testing::EndsWith("413")) << version << ": " << curl.err;
  }
}

TEST(ThawFnPeers, H2loadGetsEveryAnswerOverManyStreams) {
  REQUIRE_PROGRAM("h2load");
  const RunningFunction function;

  const ToolOutput load = run({"h2load", "-n", "5000", "-c", "4", "-m", "32", url_of(function)});

  EXPECT_THAT(load.out, HasSubstr("5000 succeeded, 0 failed, 0 errored")) << load.err;
}

TEST(ThawFnPeers, H2loadGetsEveryAnswerOfWorkAndSleep) {
  REQUIRE_PROGRAM("h2load");
  const RunningFunction function;

  const ToolOutput load = run({"h2load", "-n", "200", "-c", "2", "-m", "20",
                               url_of(function, "/?cpu=1&memory=1"), url_of(function, "/?cpu=5&mode=sleep")});

  EXPECT_THAT(load.out, HasSubstr("200 succeeded, 0 failed, 0 errored")) << load.err;
}

/// Prints the reply's fields; the library encodes and frames, our side of the wire is checked by it.
constexpr std::string_view grpc_client = R"(
import sys, grpc
channel = grpc.insecure_channel('127.0.0.1:' + sys.argv[1])
execute = channel.unary_unary('/faas.Executor/Execute')
reply = execute(b'\x0a\x07nothing\x10\x0a\x18\x10', timeout=20)
print(reply.hex())
for what, call in (
    ('deadline', lambda: execute(b'\x10\xe8\x07', timeout=0.05)),
    ('method', lambda: channel.unary_unary('/x.Y/Z')(b'', timeout=20)),
    ('fault', lambda: execute(b'', timeout=20, metadata=[('x-thaw-fault', 'status=503')])),
    ('malformed', lambda: execute(b'\x0a\x07', timeout=20)),
):
    try:
        call()
        print(what, 'OK')
    except grpc.RpcError as error:
        print(what, error.code().name)
health = channel.unary_unary('/grpc.health.v1.Health/Check')
print('health', health(b'', timeout=20).hex())
futures = [execute.future(b'\x10\x01', timeout=60) for _ in range(100)]
print('answers', sum(1 for future in futures if future.result()))
)";

TEST(ThawFnPeers, TheGrpcLibraryCallsExecute) {
  // Debian's library is for Debian's interpreter, whatever else is called python3.
  const std::string python = "/usr/bin/python3";
  if (!std::filesystem::exists(python) || !run({python, "-c", "import grpc"}).succeeded()) {
    GTEST_SKIP() << "python3-grpcio is not installed here";
  }
  const RunningFunction function;

  const ToolOutput client = run({python, "-c", std::string(grpc_client), std::to_string(function.port())});

  // Field 1, "OK - here"; field 2, a varint of at least two bytes; field 3, 16384.
  EXPECT_THAT(client.out, StartsWith("0a094f4b202d206865726510")) << client.err;
  EXPECT_THAT(client.out, HasSubstr("18808001\n"));
  EXPECT_THAT(client.out, HasSubstr("deadline DEADLINE_EXCEEDED\n"));
  EXPECT_THAT(client.out, HasSubstr("method UNIMPLEMENTED\n"));
  EXPECT_THAT(client.out, HasSubstr("fault UNAVAILABLE\n"));
  EXPECT_THAT(client.out, HasSubstr("malformed INVALID_ARGUMENT\n"));
  EXPECT_THAT(client.out, HasSubstr("health 0801\n"));
  EXPECT_THAT(client.out, HasSubstr("answers 100\n"));
}

/// An image of the program alone; removed with the object.
struct ScratchImage {
  std::string tag = fmt::format("thaw-fn-test:{}", ::getpid());

  bool build() const {
    const auto folder = TemporaryDirectory::create("thaw-fn-image").value();
    std::filesystem::copy_file(THAW_FN, folder.path() / "thaw-fn");
    const auto tar = run({"tar", "-C", folder.path().string(), "-cf", "-", "thaw-fn"});
    const auto made = run_tool({{"docker", "import", "-c", "ENTRYPOINT [\"/thaw-fn\"]", "-c",
                                 "ENV PORT=8080 HOST=0.0.0.0", "-", tag},
                                {}},
                               tar.out);
    EXPECT_TRUE(made && made->succeeded()) << (made ? made->err : "");
    return made && made->succeeded();
  }
  ~ScratchImage() { (void)run_tool({{"docker", "rmi", "-f", tag}, {}}); }
};

TEST(ThawFnPeers, RunsInAnEmptyContainer) {
  REQUIRE_PROGRAM("docker");
  REQUIRE_PROGRAM("curl");
#ifdef THAW_SANITIZED
  GTEST_SKIP() << "a program with sanitizers is not static";
#endif
  if (!run({"docker", "version"}).succeeded()) GTEST_SKIP() << "no docker daemon is running here";
  const ScratchImage image;
  ASSERT_TRUE(image.build());
  const ToolOutput started = run({"docker", "run", "-d", "--rm", image.tag});
  ASSERT_TRUE(started.succeeded()) << started.err;
  const std::string id = started.out.substr(0, 12);
  const ToolOutput address =
      run({"docker", "inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", id});
  const std::string url = "http://" + address.out.substr(0, address.out.find('\n')) + ":8080/?cpu=1&memory=4";

  const ToolOutput curl = run({"curl", "-sS", "--retry", "20", "--retry-connrefused", "--retry-delay", "0",
                               "--retry-max-time", "10", url});
  const ToolOutput stopped = run({"docker", "stop", "-t", "10", id});

  EXPECT_THAT(curl.out, HasSubstr("\"Status\":\"OK\"")) << curl.err;
  EXPECT_TRUE(stopped.succeeded()) << stopped.err;
}

}  // namespace
}  // namespace thaw::functions
