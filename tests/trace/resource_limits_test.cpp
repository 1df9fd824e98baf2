#include "trace/resource_limits.h"

#include <gtest/gtest.h>

namespace thaw {
namespace {

struct KnownProfile {
  std::uint32_t count;
  LimitMode mode;
  std::uint32_t memory_mib, scale, cpu_limit, cpu_request, memory_request;
};

class StaticProfile : public ::testing::TestWithParam<KnownProfile> {};

TEST_P(StaticProfile, IsTheKnownOne) {
  const KnownProfile& known = GetParam();
  const ResourceLimits limits = resource_limits(known.mode, known.memory_mib);
  EXPECT_EQ(initial_scale(known.count, 60000, 2000), known.scale);
  EXPECT_EQ(limits.cpu_limit_millicores, known.cpu_limit);
  EXPECT_EQ(limits.cpu_request_millicores, known.cpu_request);
  EXPECT_EQ(limits.memory_request_mib, known.memory_request);
}

INSTANTIATE_TEST_SUITE_P(Known, StaticProfile,
                         ::testing::Values(KnownProfile{30, LimitMode::gcp, 256, 1, 167, 16, 25},
                                           KnownProfile{45, LimitMode::gcp, 512, 2, 333, 33, 51},
                                           KnownProfile{60, LimitMode::gcp, 1024, 2, 583, 58, 102},
                                           KnownProfile{120, LimitMode::gcp, 2048, 4, 1000, 100, 204},
                                           KnownProfile{30, LimitMode::one_vcpu, 256, 1, 1000, 100, 25}));

TEST(ResourceLimits, AreLargestAboveFourGibibytes) {
  EXPECT_EQ(resource_limits(LimitMode::gcp, 4095).cpu_limit_millicores, 1000U);
  EXPECT_EQ(resource_limits(LimitMode::gcp, 4096).cpu_limit_millicores, 2000U);
}

TEST(ResourceLimits, BelieveAtMostTenGibibytes) {
  EXPECT_EQ(resource_limits(LimitMode::gcp, 50000).memory_request_mib, 1024U);
}

TEST(ParseLimitMode, IgnoresCase) { EXPECT_EQ(parse_limit_mode("gcp").value(), LimitMode::gcp); }

TEST(ParseLimitMode, RefusesOthers) {
  EXPECT_EQ(parse_limit_mode("2vCPU").error().kind, ErrorKind::bad_usage);
}

}  // namespace
}  // namespace thaw
