#include "trace/deployment.h"

#include <gtest/gtest.h>

namespace thaw {
namespace {

TEST(ProxyNames, AreKeyedByFunctionOwnerAndApp) {
  const auto names = ProxyNames::parse(R"({"foa": {"proxy-function": "cartservice"}})", "mapper_output.json");
  ASSERT_TRUE(names);
  const std::string* found = names->find({.name = "f", .owner = "o", .app = "a"});
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(*found, "cartservice");
  EXPECT_EQ(names->find({.name = "g", .owner = "o", .app = "a"}), nullptr);
}

TEST(ProxyNames, AreKeyedByTheFunctionAloneInOldFiles) {
  const auto names = ProxyNames::parse(R"({"f": {"proxy-function": "x"}})", "mapper_output.json");
  ASSERT_TRUE(names);
  EXPECT_NE(names->find({.name = "f", .owner = "o", .app = "a"}), nullptr);
}

TEST(ProxyNames, RefuseAnEntryWithoutABenchmark) {
  const auto names = ProxyNames::parse(R"({"f": {"proxy": "x"}})", "mapper_output.json");
  ASSERT_FALSE(names);
  EXPECT_EQ(names.error().what, "proxy-function of \"f\" must be a name");
  EXPECT_EQ(names.error().where, "mapper_output.json");
}

TEST(ProxyDeployments, HaveAServiceAndWhatComesBefore) {
  const auto deployments = parse_deployments(
      R"({"cartservice": {"YamlLocation": "online-shop/kn-cartservice.yaml",
                          "PredeploymentPath": ["online-shop/database.yaml"]}, "x": {"YamlLocation": "x.yaml"}})",
      "deploy_info.json");
  ASSERT_TRUE(deployments);
  EXPECT_EQ(deployments->at("cartservice").yaml, "online-shop/kn-cartservice.yaml");
  EXPECT_EQ(deployments->at("cartservice").predeployment,
            (std::vector<std::string>{"online-shop/database.yaml"}));
  EXPECT_TRUE(deployments->at("x").predeployment.empty());
}

TEST(ProxyDeployments, RefuseWhatIsNoObject) { EXPECT_FALSE(parse_deployments("[1]", "deploy_info.json")); }

constexpr std::string_view dirigent = R"([
  {"HashFunction": "c13", "Image": "i", "Port": 50000, "Protocol": "tcp", "ScalingUpperBound": 1,
   "ScalingLowerBound": 1, "IterationMultiplier": 80, "IOPercentage": 0, "EnvVars": ["A=1"],
   "ProgramArgs": ["1", "2", "3", "4", "5", "6", "7", "8"]},
  {"HashFunction": "ae8", "Image": "i", "Port": 80, "Protocol": "tcp", "ScalingUpperBound": 1,
   "ScalingLowerBound": 0, "IterationMultiplier": 80, "IOPercentage": 0, "EnvVars": [], "ProgramArgs": null}])";

TEST(Dirigent, ReadsTheSettingsOfAFunction) {
  const auto entries = parse_dirigent(dirigent, "dirigent.json");
  ASSERT_TRUE(entries);
  const DirigentFunction* function = find_dirigent(*entries, "c13");
  ASSERT_NE(function, nullptr);
  EXPECT_EQ(function->port, 50000);
  EXPECT_EQ(function->scaling_upper_bound, 1);
  EXPECT_EQ(function->scaling_lower_bound, 1);
  EXPECT_EQ(function->iteration_multiplier, 80);
  EXPECT_EQ(function->environment.size(), 1U);
  EXPECT_EQ(function->arguments.size(), 8U);
}

TEST(Dirigent, ReadsAFunctionWithoutArguments) {
  const auto entries = parse_dirigent(dirigent, "dirigent.json");
  ASSERT_TRUE(entries);
  const DirigentFunction* function = find_dirigent(*entries, "ae8");
  ASSERT_NE(function, nullptr);
  EXPECT_EQ(function->port, 80);
  EXPECT_EQ(function->scaling_lower_bound, 0);
  EXPECT_TRUE(function->environment.empty());
  EXPECT_TRUE(function->arguments.empty());
}

TEST(Dirigent, NamesTheEntryAndTheKeyThatAreWrong) {
  const auto entries = parse_dirigent(R"([{"HashFunction": "a", "Port": "80"}])", "dirigent.json");
  ASSERT_FALSE(entries);
  EXPECT_EQ(entries.error().what, "Port of \"entry 0\" must be a whole number");
}

TEST(Dirigent, RefusesHalfAFile) { EXPECT_FALSE(parse_dirigent(dirigent.substr(0, 100), "dirigent.json")); }

}  // namespace
}  // namespace thaw
