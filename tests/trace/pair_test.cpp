#include <gtest/gtest.h>

#include "trace/files.h"

namespace thaw {
namespace {

using tests::expect_value;
using tests::load_pair;
using tests::two_functions;

TEST(PairForm, GivesFunctionsAndInvocations) {
  const Trace trace = expect_value(load_pair(two_functions, "time_ms,function\n0,b\n1.5,a\n1.5,b\n"));
  ASSERT_EQ(trace.functions.size(), 2U);
  EXPECT_EQ(trace.functions[1].name, "b");
  EXPECT_EQ(trace.functions[1].memory_mb, 50);
  EXPECT_EQ(trace.functions[1].cold_ms, 300);
  EXPECT_EQ(trace.functions[1].warm_ms, 200);
  EXPECT_EQ(trace.invocations.time_ms, (std::vector<double>{0, 1.5, 1.5}));
  EXPECT_EQ(trace.invocations.function, (std::vector<FunctionIndex>{1, 0, 1}));
}

TEST(PairForm, TakesTheColumnsOfIluvatarInAnyOrder) {
  const Trace trace = expect_value(load_pair("func_name,cold_dur_ms,warm_dur_ms,mem_mb\na,600,100,128\n",
                                             "func_name,invoke_time_ms\na,7\na,9\n"));
  EXPECT_EQ(trace.functions[0].memory_mb, 128);
  EXPECT_EQ(trace.functions[0].cold_ms, 600);
  EXPECT_EQ(trace.invocations.time_ms, (std::vector<double>{7, 9}));
}

TEST(PairForm, KeepsRecordedDurations) {
  const Trace trace =
      expect_value(load_pair(two_functions, "time_ms,function,duration_ms\n1,a,5\n2,b,6.5\n"));
  EXPECT_EQ(trace.invocations.duration_ms, (std::vector<double>{5, 6.5}));
}

TEST(PairForm, TakesAQuotedNameWithAComma) {
  const Trace trace = expect_value(
      load_pair("function,memory_mb,cold_ms,warm_ms\n\"a,b\",1,2,1\n", "time_ms,function\n5,\"a,b\"\n"));
  EXPECT_EQ(trace.functions[0].name, "a,b");
  EXPECT_EQ(trace.invocations.size(), 1U);
}

TEST(PairForm, RefusesAnUnquotedNameWithAComma) {
  const auto trace =
      load_pair("function,memory_mb,cold_ms,warm_ms\n\"a,b\",1,2,1\n", "time_ms,function\n5,a,b\n");
  ASSERT_FALSE(trace);
  EXPECT_EQ(trace.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(trace.error().where, "invocations.csv:2");
}

TEST(PairForm, AcceptsByteOrderMarkAndCrLf) {
  const Trace trace =
      expect_value(load_pair("\xEF\xBB\xBF"
                             "function,memory_mb,cold_ms,warm_ms\r\na,1,2,1\r\n",
                             "time_ms,function\r\n5,a\r\n"));
  EXPECT_EQ(trace.functions[0].name, "a");
  EXPECT_EQ(trace.invocations.size(), 1U);
}

TEST(PairForm, RemarksByteOrderMarkAndCrLf) {
  const auto file =
      forms::open_pair(InputFile::in_memory("functions.csv",
                                            "\xEF\xBB\xBF"
                                            "function,memory_mb,cold_ms,warm_ms\r\na,1,2,1\r\n"),
                       InputFile::in_memory("invocations.csv", "time_ms,function\r\n5,a\r\n"), {});
  ASSERT_TRUE(file);
  ASSERT_EQ((*file)->remarks().size(), 2U);
  EXPECT_EQ((*file)->remarks()[0].what, "files with a byte order mark");
  EXPECT_EQ((*file)->remarks()[0].count, 1U);
  EXPECT_EQ((*file)->remarks()[1].count, 2U);
}

TEST(PairForm, KeepsAWindowAndCountsFromItsBegin) {
  const Trace trace = expect_value(
      load_pair(two_functions, "time_ms,function\n0,a\n10,b\n19,a\n20,b\n", {.begin_ms = 10, .end_ms = 20}));
  EXPECT_EQ(trace.invocations.time_ms, (std::vector<double>{0, 9}));
}

/// A flaw in a pair, where it is reported and what its repair leaves.
struct Flaw {
  std::string name, functions, invocations, where, repair;
  std::size_t invocations_left;
};

void PrintTo(const Flaw& flaw, std::ostream* out) { *out << flaw.name; }

std::string name_of_flaw(const testing::TestParamInfo<Flaw>& test) { return test.param.name; }

class PairFlaw : public testing::TestWithParam<Flaw> {};

TEST_P(PairFlaw, IsAnErrorWithFileAndLine) {
  const auto trace = load_pair(GetParam().functions, GetParam().invocations);
  ASSERT_FALSE(trace);
  EXPECT_EQ(trace.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(trace.error().where, GetParam().where);
  EXPECT_NE(trace.error().hint.find("--repair"), std::string::npos) << trace.error().hint;
}

TEST_P(PairFlaw, IsMendedAndCountedByRepair) {
  const auto file =
      forms::open_pair(InputFile::in_memory("functions.csv", GetParam().functions),
                       InputFile::in_memory("invocations.csv", GetParam().invocations), {.repair = true});
  ASSERT_TRUE(file) << render(file.error());
  ASSERT_FALSE((*file)->repairs().empty());
  EXPECT_EQ((*file)->repairs()[0].what, GetParam().repair);
  EXPECT_EQ((*file)->repairs()[0].count, 1U);
  EXPECT_EQ(expect_value(load_trace(**file)).invocations.size(), GetParam().invocations_left);
}

const std::string header = "function,memory_mb,cold_ms,warm_ms\n";
const std::string times = "time_ms,function\n";

INSTANTIATE_TEST_SUITE_P(
    Every, PairFlaw,
    testing::Values(Flaw{"unsorted", two_functions, times + "5,a\n4,b\n6,a\n", "invocations.csv:3",
                         "invocations out of order sorted", 3},
                    Flaw{"negative_time", two_functions, times + "-1,a\n4,b\n", "invocations.csv:2",
                         "invocations with a negative or missing time dropped", 1},
                    Flaw{"nan_time", two_functions, times + "nan,a\n4,b\n", "invocations.csv:2",
                         "invocations with a negative or missing time dropped", 1},
                    Flaw{"infinite_time", two_functions, times + "4,b\ninf,a\n", "invocations.csv:3",
                         "invocations with a negative or missing time dropped", 1},
                    Flaw{"huge_time", two_functions, times + "4,b\n1e300,a\n", "invocations.csv:3",
                         "invocations with a negative or missing time dropped", 1},
                    Flaw{"time_beyond_nanoseconds", two_functions, times + "4,b\n1e13,a\n",
                         "invocations.csv:3", "invocations with a negative or missing time dropped", 1},
                    Flaw{"no_number", two_functions, times + "4,b\nx,a\n", "invocations.csv:3",
                         "invocations with a negative or missing time dropped", 1},
                    Flaw{"unknown_function", two_functions, times + "4,b\n5,c\n", "invocations.csv:3",
                         "invocations of unknown functions dropped", 1},
                    Flaw{"too_many_fields", two_functions, times + "4,b\n5,a,b\n", "invocations.csv:3",
                         "malformed rows dropped", 1},
                    Flaw{"too_few_fields", two_functions, times + "4,b\n5\n", "invocations.csv:3",
                         "malformed rows dropped", 1},
                    Flaw{"open_quote", two_functions, times + "4,b\n5,\"a\n", "invocations.csv:3",
                         "malformed rows dropped", 1},
                    Flaw{"negative_duration", two_functions, "time_ms,function,duration_ms\n4,b,1\n5,a,-1\n",
                         "invocations.csv:3", "invocations with a negative or missing duration dropped", 1},
                    Flaw{"duplicate_function", two_functions + "a,1,1,1\n", times + "4,a\n",
                         "functions.csv:4", "repeated functions dropped, the first kept", 1},
                    Flaw{"memory_zero", header + "a,0,1,1\nb,1,1,1\n", times + "4,b\n", "functions.csv:2",
                         "functions with an impossible memory or duration dropped", 1},
                    Flaw{"memory_negative", header + "b,1,1,1\na,-5,1,1\n", times + "4,b\n",
                         "functions.csv:3", "functions with an impossible memory or duration dropped", 1},
                    Flaw{"cold_infinite", header + "b,1,1,1\na,5,inf,1\n", times + "4,b\n", "functions.csv:3",
                         "functions with an impossible memory or duration dropped", 1},
                    Flaw{"warm_missing", header + "b,1,1,1\na,5,1,\n", times + "4,b\n", "functions.csv:3",
                         "functions with an impossible memory or duration dropped", 1},
                    Flaw{"function_row_too_long", header + "b,1,1,1\na,b,5,1,1\n", times + "4,b\n",
                         "functions.csv:3", "malformed rows dropped", 1}),
    name_of_flaw);

TEST(PairForm, RefusesAnEmptyFile) {
  const auto trace = load_pair(two_functions, "");
  ASSERT_FALSE(trace);
  EXPECT_EQ(trace.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(trace.error().where, "invocations.csv");
}

TEST(PairForm, NamesAMissingColumn) {
  const auto trace = load_pair("function,memory_mb,cold_ms\na,1,1\n", times);
  ASSERT_FALSE(trace);
  EXPECT_EQ(trace.error().what, "there is no column \"warm_ms\"");
}

TEST(PairForm, SortsStablyWhenRepairing) {
  const Trace trace =
      expect_value(load_pair(two_functions, times + "5,a\n3,b\n5,b\n3,a\n", {.repair = true}));
  EXPECT_EQ(trace.invocations.time_ms, (std::vector<double>{3, 3, 5, 5}));
  EXPECT_EQ(trace.invocations.function, (std::vector<FunctionIndex>{1, 0, 0, 1}));
}

TEST(PairForm, RefusesMoreThanMemoryMayHold) {
  const auto file = forms::open_pair(InputFile::in_memory("functions.csv", two_functions),
                                     InputFile::in_memory("invocations.csv", times + "1,a\n2,a\n3,a\n"), {});
  ASSERT_TRUE(file);
  EXPECT_FALSE(load_trace(**file, {.most_invocations_in_memory = 2}));
}

}  // namespace
}  // namespace thaw
