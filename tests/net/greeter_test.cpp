#include "net/greeter.h"

#include <gtest/gtest.h>

namespace thaw {
namespace {

TEST(Greeter, PutsNameAndMetadataIntoFieldsOneAndFifteen) {
  std::string bytes;
  append_hello_request(bytes, {.name = "ab", .metadata = "{}"});

  EXPECT_EQ(bytes,
            "\x0a\x02"
            "ab\x7a\x02{}");
}

TEST(Greeter, ReadsARequestBack) {
  std::string bytes;
  append_hello_request(bytes, {.name = "Invoke Relay", .metadata = "{\"WorkflowId\":1}"});

  const auto request = parse_hello_request(bytes);

  ASSERT_TRUE(request);
  EXPECT_EQ(request->name, "Invoke Relay");
  EXPECT_EQ(request->metadata, "{\"WorkflowId\":1}");
}

TEST(Greeter, ReadsAReplyBack) {
  std::string bytes;
  append_hello_reply(bytes, "Hello");

  EXPECT_EQ(parse_hello_reply(bytes), "Hello");
}

TEST(Greeter, RefusesAReplyThatIsCutOff) { EXPECT_FALSE(parse_hello_reply("\x0a\x05He")); }

TEST(Greeter, FindsTheServiceBetweenItsLabelAndTheBar) {
  EXPECT_EQ(greeter_service("Hello: fn: aes-python | runtime: python"), "aes-python");
}

TEST(Greeter, FindsTheServiceUpToTheEndWithoutABar) { EXPECT_EQ(greeter_service("fn: aes-go"), "aes-go"); }

TEST(Greeter, TakesAWholeMessageWithoutALabelForTheService) {
  EXPECT_EQ(greeter_service("resp: 42"), "resp: 42");
}

}  // namespace
}  // namespace thaw
