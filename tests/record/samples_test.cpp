#include "record/samples.h"

#include <gmock/gmock.h>

#include "core/text.h"

namespace thaw {
namespace {

TEST(SampleHeader, BeginsWithTheFixedColumnsInTheirPublishedOrder) {
  EXPECT_EQ(
      join(sample_header({}), ","),
      "launch_id,repetition,rank,started_at,outer_time_s,user_s,system_s,max_rss_bytes,exit_code,status,"
      "signal,minor_faults,major_faults,voluntary_switches,involuntary_switches,cell");
}

TEST(SampleHeader, EndsWithTheMetrics) {
  const std::vector<SampleColumn> metrics = {{.name = "size", .is_factor = true}, {.name = "inner_time"}};

  EXPECT_TRUE(join(sample_header(metrics), ",").ends_with(",cell,size,inner_time"));
}

TEST(SampleColumns, ReadBackAsTheMetricsTheyDescribe) {
  const std::vector<SampleColumn> metrics = {
      {.name = "size", .type = FieldType::text, .is_factor = true},
      {.name = "rate", .unit = "MHz", .description = "Clock", .lower_is_better = false}};

  const auto read = metric_columns_from(describe_columns(metrics));

  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 2U);
  EXPECT_TRUE((*read)[0].is_factor);
  EXPECT_EQ((*read)[0].type, FieldType::text);
  EXPECT_EQ((*read)[1].unit, "MHz");
  EXPECT_FALSE((*read)[1].lower_is_better);
}

TEST(SampleColumns, RefusesAListOfSomethingElse) {
  EXPECT_FALSE(metric_columns_from(nlohmann::ordered_json::array({1, 2})));
}

}  // namespace
}  // namespace thaw
