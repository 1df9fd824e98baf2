#include "net/http_headers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace thaw {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(HttpHeaders, KeepsTheOrderAndRepeatedNames) {
  HttpHeaders headers = {{"a", "1"}, {"b", ""}};

  headers.add("a", "2");

  EXPECT_THAT(headers, ElementsAre(Pair("a", "1"), Pair("b", ""), Pair("a", "2")));
}

TEST(HttpHeaders, FindsTheFirstValueWhateverTheCaseOfItsName) {
  const HttpHeaders headers = {{"Content-Type", "text/html"}, {"content-type", "text/plain"}};

  EXPECT_EQ(headers.find("content-type"), "text/html");
  EXPECT_EQ(headers.find("content"), std::nullopt);
}

TEST(HttpHeaders, LowersOnlyTheName) {
  HttpHeaders headers;

  headers.add_lowered("X-Name", "Value");

  EXPECT_THAT(headers, ElementsAre(Pair("x-name", "Value")));
}

TEST(HttpHeaders, KeepsItsMemoryWhenCleared) {
  HttpHeaders headers = {{"user-agent", "somebody with a long name"}};
  const char* const before = headers[0].first.data();

  headers.clear();
  headers.add("user-agent", "somebody else, also long");

  EXPECT_EQ(headers[0].first.data(), before);
}

TEST(HasWord, LooksAtWholeWordsBetweenCommas) {
  EXPECT_TRUE(has_word("upgrade , Close", "close"));
  EXPECT_FALSE(has_word("closed, half close", "close"));
}

}  // namespace
}  // namespace thaw
