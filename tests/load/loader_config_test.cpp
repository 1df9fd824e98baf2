#include "load/loader_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/files.h"

namespace thaw {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// The predecessor's sample for a trace, as it ships.
constexpr const char* trace_sample = R"({
  "Seed": 42, "Platform": "Knative", "InvokeProtocol": "grpc", "YAMLSelector": "container", "EndpointPort": 80,
  "TracePath": "data/traces/example", "Granularity": "minute", "OutputPathPrefix": "data/out/experiment",
  "IATDistribution": "equidistant", "CPULimit": "1vCPU", "ExperimentDuration": 2, "WarmupDuration": 1,
  "IsPartiallyPanic": false, "EnableZipkinTracing": false, "EnableMetricsScrapping": false,
  "MetricScrapingPeriodSeconds": 15, "AutoscalingMetric": "concurrency", "GRPCConnectionTimeoutSeconds": 15,
  "GRPCFunctionTimeoutSeconds": 900, "DAGMode": false, "EnableDAGDataset": true, "Width": 2, "Depth": 2})";

LoaderOptions options_of(std::string_view text) { return options_of_config(text, "loader.json").value(); }
Error error_of(std::string_view text) { return options_of_config(text, "loader.json").error(); }

TEST(LoaderConfig, BecomesOptions) {
  const auto words = options_of(trace_sample).words;

  for (const char* word :
       {"--seed=42", "--trace=data/traces/example", "--granularity=minute", "--duration=2m", "--warmup=1m",
        "--protocol=grpc", "--target=http://127.0.0.1:80/", "--connect-timeout=15s",
        "--function-timeout=900s", "--rows-copy=data/out/experiment_duration_3.csv"}) {
    EXPECT_THAT(words, Contains(word));
  }
}

TEST(LoaderConfig, TellsWhichKeysHaveNoEffect) {
  EXPECT_THAT(options_of(trace_sample).notes, Contains(StartsWith("CPULimit: ")));
}

TEST(LoaderConfig, HasTheDocumentedDefaults) {
  const auto words = options_of("{}").words;

  for (const char* word : {"--seed=42", "--trace=data/traces/example", "--duration=1m",
                           "--granularity=minute", "--connect-timeout=60s", "--function-timeout=90s"}) {
    EXPECT_THAT(words, Contains(word));
  }
  EXPECT_THAT(words, Not(Contains(StartsWith("--warmup"))));
}

TEST(LoaderConfig, CountsSecondsInSecondGranularity) {
  EXPECT_THAT(options_of(R"({"Granularity": "second", "ExperimentDuration": 5})").words,
              Contains("--duration=5s"));
}

TEST(LoaderConfig, MakesARateOfATraceCalledRps) {
  const auto words = options_of(R"({"TracePath": "RPS", "RpsTarget": 10, "RpsColdStartRatioPercentage": 20,
    "RpsCooldownSeconds": 10, "RpsRuntimeMs": 10, "RpsMemoryMB": 256, "ExperimentDuration": 2})")
                         .words;

  for (const char* word : {"--rps=10", "--cold-percent=20", "--cooldown=10s", "--runtime=10ms",
                           "--memory=256MiB", "--duration=2m", "--iat=equidistant"}) {
    EXPECT_THAT(words, Contains(word));
  }
}

TEST(LoaderConfig, SendsTheHeadersOfHttpFunctions) {
  const auto words = options_of(R"({"InvokeProtocol": "http2", "RpsIterationMultiplier": 80})").words;

  for (const char* word : {"--protocol=http2", "--method=POST", "--header=Host: {function}",
                           "--header=requested_cpu: {runtime_ms}", "--header=multiplier: 80"}) {
    EXPECT_THAT(words, Contains(word));
  }
}

TEST(LoaderConfig, CallsTheBenchmarksThatPlayTheFunctionsOfATrace) {
  const auto words = options_of(R"({"VSwarm": true, "TracePath": "t", "InvokeProtocol": "grpc"})").words;

  EXPECT_THAT(words, Contains("--benchmarks=t"));
  EXPECT_THAT(words, Contains("--target=http://127.0.0.1:80/helloworld.Greeter/SayHello"));
}

TEST(LoaderConfig, HasNoBenchmarksForARate) {
  const auto words = options_of(R"({"VSwarm": true, "TracePath": "RPS", "RpsTarget": 10})").words;

  EXPECT_THAT(words, Not(Contains(StartsWith("--benchmarks"))));
  EXPECT_THAT(words, Contains("--target=http://127.0.0.1:80/"));
}

// --- the platform Dirigent ---------------------------------------------------------------------------------------------

class DirigentFile : public testing::Test {
 protected:
  /// A loader file of the platform Dirigent whose cluster's file has this text.
  std::string loader(std::string_view cluster, std::string_view more = "") {
    EXPECT_TRUE(write_file_atomically(path(), cluster));
    return fmt::format(
        R"({{"Platform": "Dirigent", "InvokeProtocol": "http2", "DirigentConfigPath": "{}"{}}})",
        path().string(), more);
  }
  [[nodiscard]] Path path() const { return folder_.path() / "dirigent-config.json"; }

  TemporaryDirectory folder_ = *TemporaryDirectory::create("loader-config");
};

TEST_F(DirigentFile, SaysWhereFunctionsAreRegistered) {
  const auto words =
      options_of(loader(R"({"Backend": "containerd", "DirigentControlPlaneIP": "10.0.1.253:9091",
                            "PrepullMode": "all_sync", "AsyncMode": false, "Workflow": false})"))
          .words;

  EXPECT_THAT(words,
              Contains("--target=dirigent:control_plane=10.0.1.253:9091,prepull=all_sync,multiplier=102"));
  EXPECT_THAT(words, Contains("--method=POST"));
  EXPECT_THAT(words, Not(Contains(StartsWith("--header"))));
}

TEST_F(DirigentFile, DescribesTheFunctionsOfARate) {
  const auto words =
      options_of(loader(R"({"DirigentControlPlaneIP": "h:1", "RpsImage": "registry/empty:latest",
                                           "BusyLoopOnSandboxStartup": true})",
                        R"(, "TracePath": "RPS", "RpsTarget": 1, "RpsMemoryMB": 60,
                                           "RpsIterationMultiplier": 80)"))
          .words;

  EXPECT_THAT(words, Contains("--target=dirigent:control_plane=h:1,multiplier=80,image=registry/empty:latest,"
                              "busy_loop_ms=750"));
  EXPECT_THAT(words, Not(Contains(StartsWith("--functions"))));
}

TEST_F(DirigentFile, LiesBesideTheOneOfTheTracesFunctions) {
  const auto words = options_of(loader(R"({"DirigentControlPlaneIP": "h:1"})",
                                       fmt::format(R"(, "TracePath": "{}")", folder_.path().string())))
                         .words;

  EXPECT_THAT(words, Contains("--functions=" + (folder_.path() / "dirigent.json").string()));
}

TEST_F(DirigentFile, IsNeeded) {
  const Error error = error_of(R"({"Platform": "Dirigent"})");

  EXPECT_EQ(error.kind, ErrorKind::bad_input);
  EXPECT_THAT(error.where, HasSubstr("DirigentConfigPath"));
}

TEST_F(DirigentFile, IsTheLoaderFileItselfInOlderOnes) {
  const auto words = options_of(R"({"Platform": "Dirigent", "DirigentControlPlaneIP": "h:1"})").words;

  EXPECT_THAT(words, Contains("--target=dirigent:control_plane=h:1,multiplier=102"));
}

TEST_F(DirigentFile, HasNoEffectOnOtherPlatforms) {
  const LoaderOptions options = options_of(R"({"DirigentConfigPath": "none.json", "AsyncMode": true})");

  EXPECT_THAT(options.words, Contains("--target=http://127.0.0.1:80/"));
  EXPECT_THAT(options.notes, Contains(StartsWith("DirigentConfigPath: ")));
  EXPECT_THAT(options.notes, Contains(StartsWith("AsyncMode: ")));
}

struct ClusterFlaw {
  const char* text;
  const char* key;
};
class DirigentFileFlaw : public DirigentFile, public testing::WithParamInterface<ClusterFlaw> {};

TEST(LoaderConfig, OfThePlatformEmbeddedStartsOne) {
  const auto words =
      options_of(R"({"Platform": "embedded", "InvokeProtocol": "http1", "EndpointPort": 8080})").words;

  EXPECT_THAT(words, Contains("--target=embedded"));
  EXPECT_THAT(words, Not(Contains(StartsWith("--header"))));
}

TEST_P(DirigentFileFlaw, IsRefusedAtItsKey) {
  const Error error = error_of(loader(GetParam().text));

  EXPECT_EQ(error.kind, ErrorKind::bad_input);
  EXPECT_EQ(error.where, path().string() + ": " + GetParam().key);
}

INSTANTIATE_TEST_SUITE_P(
    LoaderConfig, DirigentFileFlaw,
    testing::Values(
        ClusterFlaw{R"({"Backend": "containerd"})", "DirigentControlPlaneIP"},
        ClusterFlaw{R"({"DirigentControlPlaneIP": 9091})", "DirigentControlPlaneIP"},
        ClusterFlaw{R"({"DirigentControlPlane": "h:1"})", "DirigentControlPlane"},
        ClusterFlaw{R"({"DirigentControlPlaneIP": "h:1", "Backend": "docker"})", "Backend"},
        ClusterFlaw{R"({"DirigentControlPlaneIP": "h:1", "Backend": "dandelion"})", "Backend"},
        ClusterFlaw{R"({"DirigentControlPlaneIP": "h:1", "Workflow": true})", "Workflow"},
        ClusterFlaw{R"({"DirigentControlPlaneIP": "h:1", "PrepullMode": "some"})", "PrepullMode"},
        ClusterFlaw{R"({"DirigentControlPlaneIP": "h:1", "AsyncMode": true})", "AsyncResponseURL"},
        ClusterFlaw{R"({"DirigentControlPlaneIP": "h:1", "RpsRequestedGpu": 1})", "RpsRequestedGpu"}));

TEST(LoaderConfig, DrawsShapesFromTheTracesTable) {
  EXPECT_THAT(options_of(R"({"DAGMode": true, "TracePath": "t"})").words,
              Contains("--dag-shapes=t/dag_structure.csv"));
}

TEST(LoaderConfig, TakesAGivenShape) {
  const auto words = options_of(R"({"DAGMode": true, "EnableDAGDataset": false, "Width": 3})").words;

  EXPECT_THAT(words, Contains("--width=3"));
  EXPECT_THAT(words, Contains("--depth=2"));
}

TEST(LoaderConfig, SuggestsTheNearestKey) {
  const Error error = error_of(R"({"ExperimentDurations": 2})");

  EXPECT_EQ(error.kind, ErrorKind::bad_input);
  EXPECT_THAT(error.hint, HasSubstr("ExperimentDuration"));
}

struct Flaw {
  const char* text;
  const char* key;
};
class LoaderConfigFlaw : public testing::TestWithParam<Flaw> {};

TEST_P(LoaderConfigFlaw, IsRefusedAtItsKey) {
  EXPECT_THAT(error_of(GetParam().text).where, HasSubstr(GetParam().key));
}

INSTANTIATE_TEST_SUITE_P(
    LoaderConfig, LoaderConfigFlaw,
    testing::Values(Flaw{R"({"Seed": "x"})", "Seed"}, Flaw{R"({"Platform": "mainframe"})", "Platform"},
                    Flaw{R"({"Granularity": "hour"})", "Granularity"},
                    Flaw{R"({"IATDistribution": "gaussian"})", "IATDistribution"},
                    Flaw{R"({"ExperimentDuration": 0})", "ExperimentDuration"},
                    Flaw{R"({"GRPCFunctionTimeoutSeconds": 0})", "GRPCFunctionTimeoutSeconds"},
                    Flaw{R"({"EndpointPort": 70000})", "EndpointPort"},
                    Flaw{R"({"DAGMode": true, "EnableDAGDataset": false, "Width": 0})", "Width"}));

TEST(LoaderConfig, RefusesWhatIsNoObject) { EXPECT_EQ(error_of("[1]").kind, ErrorKind::bad_input); }

TEST(OwnConfig, BecomesOptionsByName) {
  const auto words = options_of(R"({"schema": "thaw.load-config/1", "rps": 10, "target": "http://h/",
    "header": ["A: b", "C: d"], "dag": true, "repair": false})")
                         .words;

  EXPECT_THAT(words,
              ElementsAre("--rps=10", "--target=http://h/", "--header=A: b", "--header=C: d", "--dag"));
}

TEST(OwnConfig, IsToldByItsSchema) {
  EXPECT_THAT(error_of(R"({"schema": "thaw.run/1"})").what, HasSubstr("thaw.load-config/1"));
}

}  // namespace
}  // namespace thaw
