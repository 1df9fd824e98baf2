#include "net/protobuf_wire.h"

#include <gtest/gtest.h>

#include <limits>

#include "net/faas_executor.h"

namespace thaw {
namespace {

using namespace std::string_view_literals;

/// The examples of the format's own documentation: field 1 is 150, field 2 is "testing".
TEST(ProtobufWire, WritesTheDocumentedExamples) {
  std::string out;
  append_varint_field(out, 1, 150);
  append_bytes_field(out, 2, "testing");

  EXPECT_EQ(out, "\x08\x96\x01\x12\x07testing"sv);
}

TEST(ProtobufWire, ReadsTheDocumentedExamples) {
  WireReader reader("\x08\x96\x01\x12\x07testing"sv);

  const auto number = reader.next();
  const auto text = reader.next();

  EXPECT_EQ(number->value, 150U);
  EXPECT_EQ(text->number, 2U);
  EXPECT_EQ(text->bytes, "testing");
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.is_malformed());
}

TEST(ProtobufWire, StepsOverFixedFields) {
  WireReader reader("\x0d\x01\0\0\0\x11\x02\0\0\0\0\0\0\0\x18\x03"sv);

  EXPECT_EQ(reader.next()->value, 1U);
  EXPECT_EQ(reader.next()->value, 2U);
  EXPECT_EQ(reader.next()->value, 3U);
}

TEST(ProtobufWire, ReadsTheLargestVarint) {
  WireReader reader("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv);

  EXPECT_EQ(reader.next()->value, std::numeric_limits<std::uint64_t>::max());
}

TEST(ProtobufWire, RefusesMalformedFields) {
  for (const std::string_view bytes :
       {"\x08"sv, "\x08\x80"sv,
        "\x12\x05"
        "abc"sv,
        "\x0d\x01"sv, "\x11\x01"sv, "\x00\x01"sv, "\x0b"sv, "\x0c"sv, "\x0e\x01"sv,
        "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"sv, "\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv}) {
    WireReader reader(bytes);
    EXPECT_FALSE(reader.next());
    EXPECT_TRUE(reader.is_malformed());
  }
}

TEST(FaasRequest, HasTheDocumentedFields) {
  std::string out;

  append_faas_request(out, {.message = "nothing", .runtime_ms = 10, .memory_mib = 128});

  EXPECT_EQ(out, "\x0a\x07nothing\x10\x0a\x18\x80\x01"sv);
  const auto back = parse_faas_request(out);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->message, "nothing");
  EXPECT_EQ(back->runtime_ms, 10U);
  EXPECT_EQ(back->memory_mib, 128U);
}

TEST(FaasRequest, IsEmptyWhenItHasNoFields) {
  const auto request = parse_faas_request("");

  ASSERT_TRUE(request);
  EXPECT_EQ(request->runtime_ms, 0U);
}

TEST(FaasRequest, StepsOverUnknownFieldsAndTakesTheLastOfTwo) {
  const auto request = parse_faas_request("\x10\x01\x7a\x02zz\x10\x02"sv);

  ASSERT_TRUE(request);
  EXPECT_EQ(request->runtime_ms, 2U);
}

TEST(FaasReply, IsReadBackAsItWas) {
  std::string out;
  append_faas_reply(out, {.message = "OK - host", .duration_us = 10'123, .memory_kib = 131'072});

  const auto back = parse_faas_reply(out);

  ASSERT_TRUE(back);
  EXPECT_EQ(back->message, "OK - host");
  EXPECT_EQ(back->duration_us, 10'123U);
  EXPECT_EQ(back->memory_kib, 131'072U);
}

TEST(FaasReply, IsRefusedWhenCutOff) { EXPECT_FALSE(parse_faas_reply("\x0a\x07OK"sv)); }

}  // namespace
}  // namespace thaw
