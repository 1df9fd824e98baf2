#include "platform/function_spec.h"

#include <gmock/gmock.h>

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;
using testing::HasSubstr;

FunctionSpec read(const char* text) { return read_function_spec(Json::parse(text), "f").value(); }

/// The complaint about a description.
Error refusal(const char* text) { return read_function_spec(Json::parse(text), "f").error(); }

TEST(FunctionSpec, WhatIsWrittenReadsBackEqual) {
  const FunctionSpec spec = read(R"({"command":["python3","-m","http.server","{port}"],"env":{"A":"b c"},
      "memory":"170MB","init":"1.5s","execution":"20ms","timeout":"2m","concurrency":4,"min_instances":1,
      "max_instances":9,"ttl":"10m","limit_memory":true,"cpus":0.5,"protocol":"h2c"})");

  EXPECT_EQ(read_function_spec(to_json(spec), "f").value(), spec);
}

TEST(FunctionSpec, WhatIsNotSaidComesFromTheDefaults) {
  FunctionSpec defaults;
  defaults.command = {"program"};
  defaults.memory = 256_MiB;

  const FunctionSpec spec = read_function_spec(Json::parse(R"({"timeout":"1s"})"), "f", defaults).value();

  EXPECT_EQ(spec.command, defaults.command);
  EXPECT_EQ(spec.memory, 256_MiB);
}

TEST(FunctionSpec, ACommandForProcessesIsNotGivenToAContainer) {
  FunctionSpec defaults;
  defaults.command = {"program"};

  const auto json = Json::parse(R"({"sandbox":"docker","image":"i"})");

  EXPECT_TRUE(read_function_spec(json, "f", defaults)->command.empty());
}

TEST(FunctionSpec, ACommandMayBeOneText) {
  EXPECT_THAT(read(R"({"command":"node server.js"})").command, testing::ElementsAre("node", "server.js"));
}

TEST(FunctionSpec, AnUnknownKeyIsRefusedWithTheNearest) {
  EXPECT_EQ(refusal(R"({"memmory":"1MB"})").hint, "did you mean \"memory\"?");
}

TEST(FunctionSpec, MemoryWithoutAUnitIsRefused) { EXPECT_EQ(refusal(R"({"memory":"128"})").where, "memory"); }

TEST(FunctionSpec, ANumberInPlaceOfADurationIsRefusedWithAnExample) {
  EXPECT_THAT(refusal(R"({"timeout":30})").what, HasSubstr("such as \"30s\""));
}

TEST(FunctionSpec, MoreAtLeastThanAtMostIsRefused) {
  EXPECT_THAT(refusal(R"({"min_instances":3,"max_instances":2})").what, HasSubstr("above max_instances"));
}

TEST(FunctionSpec, ANegativeCountIsRefused) {
  EXPECT_THAT(refusal(R"({"concurrency":-1})").what, HasSubstr("from 0"));
}

TEST(FunctionSpec, NoConcurrencyAtAllIsRefused) {
  EXPECT_THAT(refusal(R"({"concurrency":0})").what, HasSubstr("at least 1"));
}

TEST(FunctionSpec, ANameThatIsNoHostIsRefused) {
  EXPECT_FALSE(check_function_name("a/b"));
  EXPECT_FALSE(check_function_name(""));
  EXPECT_TRUE(check_function_name("trace-func-0_x.1"));
}

TEST(FunctionSpec, AnotherNameInsideIsRefused) {
  EXPECT_THAT(refusal(R"({"name":"g"})").what, HasSubstr("\"g\""));
}

TEST(FormatBytes, ReadsBackTheSameAmount) {
  for (const std::int64_t count :
       {1LL, 999LL, 1000LL, 1024LL, 170'000'000LL, 128LL << 20, 3LL << 30, 123'456'789LL}) {
    EXPECT_EQ(parse_bytes(format_bytes(Bytes{count})).value(), Bytes{count});
  }
}

}  // namespace
}  // namespace thaw
