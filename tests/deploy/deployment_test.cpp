#include "deploy/deployment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/files.h"
#include "core/text.h"

namespace thaw {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAre;

/// A platform that is a folder with a file for each function.
class DeploymentTest : public testing::Test {
 protected:
  TemporaryDirectory folder_ = *TemporaryDirectory::create("deploy");
  std::vector<std::string> warnings_;
  std::size_t most_done_ = 0;
  DeploymentObserver observer_{.on_deployed = [this](std::size_t done, std::size_t) { most_done_ = done; },
                               .on_warning = [this](const std::string& text) { warnings_.push_back(text); }};

  static constexpr std::string_view plain = R"(
parameters: {folder: null, port: '80'}
prepare: [touch, $FOLDER/prepared]
deploy: [touch, $FOLDER/$LABEL]
resolve: {HOST: [echo, host-$INDEX]}
url: http://$HOST:$PORT/$NAME?ms={runtime_ms}
headers: ['Host: $NAME', 'X-Port: $PORT']
remove: [rm, $FOLDER/$LABEL]
finish: [rm, $FOLDER/prepared]
parallel: 4
)";

  Result<Deployment> create(std::string_view text, std::string settings) {
    return Deployment::create(parse_platform("toy", parse_document(text, "toy.yaml").value()).value(),
                              settings, "r1");
  }
  Deployment deployment(std::string_view text = plain) {
    return create(text, "folder=" + folder_.path().string()).value();
  }
  static std::vector<FunctionSpec> functions(std::vector<std::string> names) {
    std::vector<FunctionSpec> all(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) all[i].name = names[i];
    return all;
  }
  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
      names.push_back(entry.path().filename().string());
    return names;
  }
};

TEST_F(DeploymentTest, PutsEachFunctionThere) {
  Deployment there = deployment();

  const auto urls = there.deploy(functions({"resize", "mail"}), observer_).value();

  EXPECT_THAT(
      urls, ElementsAre("http://host-0:80/resize?ms={runtime_ms}", "http://host-1:80/mail?ms={runtime_ms}"));
  EXPECT_THAT(files(), UnorderedElementsAre("prepared", "resize", "mail"));
  EXPECT_EQ(most_done_, 2U);
  there.remove(observer_);
}

TEST_F(DeploymentTest, TakesEverythingOffAgain) {
  Deployment there = deployment();
  ASSERT_TRUE(there.deploy(functions({"a", "b", "c", "d", "e"}), observer_));

  there.remove(observer_);

  EXPECT_THAT(files(), IsEmpty());
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(DeploymentTest, TakesThingsOffOnce) {
  Deployment there = deployment();
  ASSERT_TRUE(there.deploy(functions({"a"}), observer_));
  there.remove(observer_);

  there.remove(observer_);

  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(DeploymentTest, TakesOffAfterAnInterruptAndRemembersIt) {
  Deployment there = deployment();
  ASSERT_TRUE(there.deploy(functions({"a", "b"}), observer_));
  interrupt_signal() = SIGINT;

  there.remove(observer_);

  EXPECT_EQ(interrupt_signal().exchange(0), SIGINT);
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(DeploymentTest, LeavesNothingWhenAFunctionFails) {
  constexpr std::string_view failing = R"(
parameters: {folder: null}
deploy: [[touch, $FOLDER/$LABEL], [sh, -c, 'test "$1" != bad || { echo "no room for $1" >&2; exit 3; }', sh, $NAME]]
url: http://h/
remove: [rm, $FOLDER/$LABEL]
)";
  Deployment there = deployment(failing);

  const auto urls = there.deploy(functions({"good", "bad", "other"}), observer_);

  ASSERT_FALSE(urls);
  EXPECT_EQ(urls.error().kind, ErrorKind::run_failed);
  EXPECT_THAT(urls.error().what, HasSubstr("bad: sh failed: no room for bad"));
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(DeploymentTest, GoesOnTakingOffAfterAFailure) {
  Deployment there = deployment();
  ASSERT_TRUE(there.deploy(functions({"a", "b"}), observer_));
  std::filesystem::remove(folder_.path() / "a");

  there.remove(observer_);

  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("not removed: a: rm failed")));
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(DeploymentTest, NeedsAValueThatIsResolved) {
  Deployment there =
      deployment("parameters: {folder: null}\ndeploy: [true]\nresolve: {HOST: [true]}\nurl: http://$HOST/");

  const auto urls = there.deploy(functions({"a"}), observer_);

  ASSERT_FALSE(urls);
  EXPECT_THAT(urls.error().what, HasSubstr("no HOST was found"));
}

TEST_F(DeploymentTest, GivesEachFunctionALabelThatPlatformsTake) {
  Deployment there = deployment();
  const std::string hash(64, 'a');

  ASSERT_TRUE(there.deploy(functions({"My_Function.v2", hash, "Über", "f-1"}), observer_));

  EXPECT_THAT(files(), UnorderedElementsAre("prepared", "my-function-v2-0", std::string(61, 'a') + "-1",
                                            "ber-2", "f-1"));
  there.remove(observer_);
}

TEST_F(DeploymentTest, GivesNoTwoFunctionsTheSameLabel) {
  Deployment there = deployment();

  ASSERT_TRUE(there.deploy(functions({"mail-v2-1", "mail_v2", "mail.v2-1", "mail-v2-2"}), observer_));

  EXPECT_THAT(files(), SizeIs(5));  // The preparation's, and one for each function.
  there.remove(observer_);
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(DeploymentTest, SaysWhatAFunctionNeeds) {
  constexpr std::string_view telling = R"(
parameters: {folder: null}
deploy: [sh, -c, 'echo "$1 $2 $3 $4 $5" >> "$6/told"', sh, $MEMORY_MB, $MEMORY_MIB, $EXECUTION_MS, $INIT_MS, $RUN, $FOLDER]
url: http://h/
)";
  Deployment there = deployment(telling);
  auto all = functions({"f"});
  all[0].memory = Bytes{128'500'000};
  all[0].execution = std::chrono::microseconds(2600);

  ASSERT_TRUE(there.deploy(all, observer_));

  EXPECT_EQ(read_file(folder_.path() / "told").value(), "129 123 3 1 r1\n");
}

TEST_F(DeploymentTest, HasHeadersForEveryInvocation) {
  Deployment there = deployment();
  ASSERT_TRUE(there.deploy(functions({"resize", "mail"}), observer_));

  EXPECT_THAT(there.headers(), ElementsAre(ElementsAre("Host: resize", "X-Port: 80"),
                                           ElementsAre("Host: mail", "X-Port: 80")));
  there.remove(observer_);
}

TEST_F(DeploymentTest, CallsEachFunctionWhereItsCommandSays) {
  Deployment there = deployment(R"(
parameters: {folder: null}
deploy: [[echo, $NAME.example], ['true']]
url: http://$OUTPUT/
)");

  EXPECT_THAT(there.deploy(functions({"resize", "mail"}), observer_).value(),
              ElementsAre("http://resize.example/", "http://mail.example/"));
}

TEST_F(DeploymentTest, TakesValuesOfSingleFunctionsBeforeParameters) {
  Deployment there = deployment();
  const std::vector<PlatformValues> own = {{{"PORT", "8080"}}, {}};

  EXPECT_THAT(
      there.deploy(functions({"resize", "mail"}), observer_, own).value(),
      ElementsAre("http://host-0:8080/resize?ms={runtime_ms}", "http://host-1:80/mail?ms={runtime_ms}"));
  EXPECT_EQ(there.headers()[0][1], "X-Port: 8080");
  there.remove(observer_);
}

TEST_F(DeploymentTest, DescribesItselfForTheRecord) {
  const auto json = create(plain, "folder=/x,port=8080").value().describe();

  EXPECT_EQ(json["kind"], "toy");
  EXPECT_EQ(json["parameters"]["port"], "8080");
}

TEST_F(DeploymentTest, RefusesASettingThatThePlatformHasNot) {
  const auto refused = create(plain, "folder=/x,prot=8080");

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::bad_usage);
  EXPECT_THAT(refused.error().hint, HasSubstr("did you mean \"port\"?"));
}

TEST_F(DeploymentTest, NeedsTheSettingsWithoutADefault) {
  const auto refused = create(plain, "port=1");

  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, HasSubstr("needs folder"));
}

TEST_F(DeploymentTest, NeedsItsPrograms) {
  const auto refused = create("deploy: [true]\nurl: http://h/\nrequires: {no-such-tool: its home page}", "");

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::environment);
  EXPECT_THAT(refused.error().hint, HasSubstr("its home page"));
}

}  // namespace
}  // namespace thaw
