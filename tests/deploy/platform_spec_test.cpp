#include "deploy/platform_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace thaw {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

Result<PlatformSpec> parse(std::string_view text) {
  return parse_platform("toy", parse_document(text, "toy.yaml").value());
}

std::string complaint(std::string_view text) {
  const auto spec = parse(text);
  return spec ? "" : spec.error().what + " | " + spec.error().where + " | " + spec.error().hint;
}

TEST(PlatformSpec, HasParametersWithAndWithoutDefaults) {
  const PlatformSpec spec =
      parse("parameters: {image: null, min-scale: '0'}\ndeploy: [true]\nurl: http://h/").value();

  EXPECT_THAT(spec.parameters,
              ElementsAre(Pair("IMAGE", std::nullopt), Pair("MIN_SCALE", std::optional<std::string>("0"))));
}

TEST(PlatformSpec, TakesOneCommandOrSeveral) {
  EXPECT_EQ(parse("deploy: [a, b]\nurl: http://h/").value().deploy.size(), 1U);
  EXPECT_EQ(parse("deploy: [[a, b], [c]]\nurl: http://h/").value().deploy.size(), 2U);
}

TEST(PlatformSpec, NeedsToKnowHowToDeployAndWhereToCall) {
  EXPECT_THAT(complaint("url: http://h/"), HasSubstr("needs the key deploy"));
  EXPECT_THAT(complaint("deploy: [true]"), HasSubstr("needs the key url"));
}

TEST(PlatformSpec, RefusesAnUnknownKeyWithTheNearest) {
  EXPECT_THAT(complaint("deploy: [true]\nurl: http://h/\nremoves: [true]"),
              HasSubstr("did you mean \"remove\"?"));
}

TEST(PlatformSpec, RefusesAPlaceholderThatNothingDefines) {
  const std::string text = complaint("parameters: {image: x}\ndeploy: [run, $IMAGES]\nurl: http://h/");

  EXPECT_THAT(text, HasSubstr("nothing defines $IMAGES"));
  EXPECT_THAT(text, HasSubstr("toy.yaml:2"));
  EXPECT_THAT(text, HasSubstr("did you mean \"IMAGE\"?"));
}

TEST(PlatformSpec, LeavesVariablesOfAShellAlone) {
  EXPECT_TRUE(parse("deploy: [sh, -c, 'for i in 1 2; do echo $i; done']\nurl: http://h/"));
}

TEST(PlatformSpec, KnowsAResolvedValueOnlyAfterwards) {
  EXPECT_TRUE(parse("deploy: [true]\nresolve: {HOST: [echo, h]}\nurl: http://$HOST/"));
  EXPECT_THAT(complaint("deploy: [echo, $HOST]\nresolve: {HOST: [echo, h]}\nurl: http://$HOST/"),
              HasSubstr("nothing defines $HOST"));
}

TEST(PlatformSpec, KnowsNoFunctionBeforeAndAfterAll) {
  EXPECT_THAT(complaint("prepare: [echo, $NAME]\ndeploy: [true]\nurl: http://h/"),
              HasSubstr("nothing defines $NAME"));
  EXPECT_THAT(complaint("finish: [echo, $NAME]\ndeploy: [true]\nurl: http://h/"),
              HasSubstr("nothing defines $NAME"));
}

TEST(PlatformSpec, BoundsHowManyAreWorkedOnAtATime) {
  EXPECT_EQ(parse("parallel: 8\ndeploy: [true]\nurl: http://h/").value().parallel, 8U);
  EXPECT_THAT(complaint("parallel: 0\ndeploy: [true]\nurl: http://h/"), HasSubstr("1 … 64"));
}

class ShippedPlatforms : public testing::Test {
 protected:
  std::vector<Path> folders_ = {Path(THAW_SOURCE_DIR) / "share" / "thaw" / "platforms"};
};

TEST_F(ShippedPlatforms, AreAllWellFormedAndDescribed) {
  const auto names = platform_names(folders_);
  EXPECT_THAT(names, ElementsAre("aws-lambda", "azure-functions", "dirigent", "docker", "fission", "knative",
                                 "openwhisk", "serve"));
  for (const std::string& name : names) {
    const auto spec = find_platform(name, folders_);
    ASSERT_TRUE(spec) << name << ": " << render(spec.error());
    EXPECT_THAT(spec->description, Not(IsEmpty())) << name;
    EXPECT_THAT(spec->programs, Not(IsEmpty())) << name;
  }
}

TEST_F(ShippedPlatforms, TakeTheirFunctionsOffAgain) {
  for (const std::string& name : platform_names(folders_)) {
    if (name == "dirigent") continue;  // Its control plane has no such call.
    const auto spec = find_platform(name, folders_).value();
    EXPECT_FALSE(spec.remove.empty() && spec.finish.empty()) << name;
  }
}

TEST_F(ShippedPlatforms, AreNamedWhenOneIsUnknown) {
  const auto spec = find_platform("dokcer", folders_);

  ASSERT_FALSE(spec);
  EXPECT_EQ(spec.error().kind, ErrorKind::bad_usage);
  EXPECT_THAT(spec.error().hint, HasSubstr("docker"));
}

}  // namespace
}  // namespace thaw
