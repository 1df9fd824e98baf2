#include "record/redact.h"

#include <gmock/gmock.h>

#include "core/random.h"

namespace thaw {
namespace {

using testing::ElementsAre;

Argv masked(Argv words) { return redact_words(words); }

TEST(RedactWords, MasksTheValueOfASecretOption) {
  EXPECT_THAT(masked({"tool", "--password=a b", "--auth-token", "-x", "--user", "me"}),
              ElementsAre("tool", "--password=***", "--auth-token", "***", "--user", "me"));
}

TEST(RedactWords, MasksSecretVariables) {
  EXPECT_THAT(masked({"env", "AWS_SECRET_ACCESS_KEY=abc", "PGPASSWORD=x", "API_KEY=y", "HOME=/root"}),
              ElementsAre("env", "AWS_SECRET_ACCESS_KEY=***", "PGPASSWORD=***", "API_KEY=***", "HOME=/root"));
}

TEST(RedactWords, KeepsOptionsThatOnlySoundSecret) {
  const Argv words = {"--token-file", "t.txt",    "--max-tokens=100", "--password-stdin", "x",
                      "--key=2",      "MONKEY=1", "KEYBOARD=us"};

  EXPECT_EQ(masked(words), words);
}

TEST(RedactWords, MasksPasswordsInUrls) {
  EXPECT_THAT(masked({"https://user:s3cret@host:8080/a?b=c", "http://host:80/x@y"}),
              ElementsAre("https://user:***@host:8080/a?b=c", "http://host:80/x@y"));
}

TEST(RedactWords, MasksTokensInQueries) {
  EXPECT_THAT(masked({"https://h/?access_token=abc&page=2"}),
              ElementsAre("https://h/?access_token=***&page=2"));
}

TEST(RedactWords, MasksHeaders) {
  EXPECT_THAT(masked({"-H", "Authorization: Bearer abc.def", "-H", "X-Api-Key: 123", "-H", "Accept: */*"}),
              ElementsAre("-H", "Authorization: ***", "-H", "X-Api-Key: ***", "-H", "Accept: */*"));
}

TEST(RedactWords, MasksTheLoginOfCurl) {
  EXPECT_THAT(masked({"/usr/bin/curl", "-u", "admin:pass"}), ElementsAre("/usr/bin/curl", "-u", "admin:***"));
}

TEST(RedactWords, KeepsTheUserOfDocker) {
  EXPECT_THAT(masked({"docker", "run", "-u", "1000:1000"}), ElementsAre("docker", "run", "-u", "1000:1000"));
}

TEST(RedactWords, MasksJson) {
  EXPECT_THAT(masked({R"({"user":"me","password":"a\"b c","n":1})"}),
              ElementsAre(R"({"user":"me","password":"***","n":1})"));
}

TEST(RedactWords, MasksInsideShellText) {
  EXPECT_THAT(
      masked({"sh", "-c",
              "export TOKEN=abc; curl -H 'Authorization: Bearer x y' http://u:p@h | tool --secret z"}),
      ElementsAre("sh", "-c",
                  "export TOKEN=***; curl -H 'Authorization: ***' http://u:***@h | tool --secret ***"));
}

TEST(RedactWords, MasksQuotedValuesAsAWhole) {
  EXPECT_THAT(masked({"sh", "-c", "run --password 'two words' --password=\"three more words\" end"}),
              ElementsAre("sh", "-c", "run --password '***' --password=\"***\" end"));
}

TEST(RedactText, KeepsOrdinaryText) {
  for (const char* text :
       {"", "=", "--", "a=b c:d", "echo 'x' && y > z", "password", "token ", "://@", "Größe=1"}) {
    EXPECT_EQ(redact_text(text), text);
  }
}

TEST(RedactText, MasksASecretWhateverSurroundsIt) {
  RandomStream random(1, "redact test");
  constexpr std::string_view alphabet = "a =:-/@\"'\\{}&?\n;|(";
  const auto noise = [&] {
    std::string text;
    for (std::size_t n = random.below(12); n > 0; --n) text += alphabet[random.below(alphabet.size())];
    return text;
  };
  for (int round = 0; round < 5000; ++round) {
    const std::string text = noise() + " --password=hunter2 " + noise();

    EXPECT_EQ(redact_text(text).find("hunter2"), std::string::npos) << text;
  }
}

TEST(RedactJson, MasksUnderSecretKeysAndInTexts) {
  const auto json = nlohmann::ordered_json::parse(
      R"({"password": 12, "env": {"API_KEY": "x"}, "argv": ["t", "--token", "y"], "url": "http://u:p@h", "n": 3})");

  EXPECT_EQ(
      redact_json(json).dump(),
      R"({"password":"***","env":{"API_KEY":"***"},"argv":["t","--token","***"],"url":"http://u:***@h","n":3})");
}

TEST(NamesASecret, ReadsHumpsDashesAndUnderscores) {
  for (const char* name :
       {"apiKey", "api-key", "api_key", "accessToken", "--client-secret", "DB_PASSWD", "KEY"}) {
    EXPECT_TRUE(names_a_secret(name)) << name;
  }
  for (const char* name :
       {"key", "tokens", "secret_file", "TOKENIZERS_PARALLELISM", "", "monkey", "sort-key"}) {
    EXPECT_FALSE(names_a_secret(name)) << name;
  }
}

}  // namespace
}  // namespace thaw
