#include <gtest/gtest.h>

#include <tuple>

#include "trace/files.h"
#include "trace/pickle.h"

namespace thaw {
namespace {

using tests::expect_value;
using tests::fixtures;
using namespace std::string_literals;

class Protocol : public testing::TestWithParam<int> {};

TEST_P(Protocol, GivesTheSameTrace) {
  const Path path = fixtures / "traces/faascache" / fmt::format("protocol{}.pckl", GetParam());
  const Trace trace = expect_value(load_trace(path));
  ASSERT_EQ(trace.functions.size(), 3U);
  EXPECT_EQ(trace.functions[0].name, "a");
  EXPECT_EQ(trace.functions[0].memory_mb, 100);
  EXPECT_EQ(trace.functions[0].cold_ms, 600);
  EXPECT_EQ(trace.functions[0].warm_ms, 100.5);
  EXPECT_EQ(trace.functions[1].name, "bé");
  EXPECT_EQ(trace.functions[2].cold_ms, 3e9);
  EXPECT_EQ(trace.invocations.time_ms, (std::vector<double>{0, 0, 2307.6923076923076, 60000, 5e9}));
  EXPECT_EQ(trace.invocations.function, (std::vector<FunctionIndex>{0, 1, 0, 2, 1}));
}

INSTANTIATE_TEST_SUITE_P(Pickle, Protocol, testing::Range(0, 6));

/// A pickle that must be refused, and at which byte.
struct Hostile {
  std::string name, bytes, where;
};
void PrintTo(const Hostile& hostile, std::ostream* out) { *out << hostile.name; }
std::string name_of_hostile(const testing::TestParamInfo<Hostile>& test) { return test.param.name; }

class HostilePickle : public testing::TestWithParam<Hostile> {};

TEST_P(HostilePickle, IsRefusedWhereItStands) {
  const auto trace = tests::load(forms::open_faascache(InputFile::in_memory("x.pckl", GetParam().bytes), {}));
  ASSERT_FALSE(trace);
  EXPECT_EQ(trace.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(trace.error().where, GetParam().where) << trace.error().what;
}

INSTANTIATE_TEST_SUITE_P(
    Every, HostilePickle,
    testing::Values(Hostile{"calls_system",
                            "\x80\x02"
                            "cposix\nsystem\nX\x04\0\0\0true\x85R."s,
                            "x.pckl: byte 2"},
                    Hostile{"class_of_builtins",
                            "\x80\x02"
                            "cbuiltins\nLambdaData\n)R."s,
                            "x.pckl: byte 2"},
                    Hostile{"reconstructs_another",
                            "\x80\x02"
                            "ccopy_reg\n_reconstructor\nc__builtin__\nobject\n"
                            "c__builtin__\nobject\nN\x87R."s,
                            "x.pckl: byte 69"},
                    Hostile{"persistent_id", "Pid\n."s, "x.pckl: byte 0"},
                    Hostile{"extension", "\x80\x02\x82\x01."s, "x.pckl: byte 2"},
                    Hostile{"instance_opcode", "(imodule\nclass\n."s, "x.pckl: byte 1"},
                    Hostile{"lying_length",
                            "\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7f"
                            "ab."s,
                            "x.pckl: byte 2"},
                    Hostile{"missing_reference", "\x80\x02h\x05."s, "x.pckl: byte 2"},
                    Hostile{"takes_from_nothing", "\x80\x02\x86."s, "x.pckl: byte 2"},
                    Hostile{"no_mark", "\x80\x02t."s, "x.pckl: byte 2"},
                    Hostile{"appends_to_a_number",
                            "\x80\x02K\x01K\x02"
                            "a."s,
                            "x.pckl: byte 6"},
                    Hostile{"too_large_number", "\x80\x02\x8a\x09\1\1\1\1\1\1\1\1\1."s, "x.pckl: byte 2"},
                    Hostile{"no_end", "\x80\x02)"s, "x.pckl: byte 3"},
                    Hostile{"empty", ""s, "x.pckl: byte 0"}, Hostile{"no_trace", "\x80\x02K\x01."s, "x.pckl"},
                    Hostile{"circular", "\x80\x02}]q\0h\0a\x86."s, "x.pckl"}),
    name_of_hostile);

/// A pickled trace: functions that are listed, and invocations as (function, memory, time).
std::string pickle_of(const std::vector<std::string>& listed,
                      const std::vector<std::tuple<std::string, std::string, std::string>>& invocations) {
  const auto text = [](const std::string& value) { return "V" + value + "\n"; };
  const auto number = [](const std::string& value) {
    return value == "nan" ? "G\x7f\xf8\0\0\0\0\0\0"s : "F" + value + "\n";
  };
  std::string bytes = "\x80\x02}("s;
  for (const std::string& name : listed) {
    bytes += text(name) + "(" + text(name) + number("100") + number("600") + number("50") + "t";
  }
  bytes += "u](";
  for (const auto& [name, memory, time] : invocations) {
    bytes += "cLambdaData\nLambdaData\n)\x81}("s + text("kind") + text(name) + text("mem_size") +
             number(memory) + text("run_time") + number("600") + text("warm_time") + number("50") + "ub" +
             number(time) + "\x86";
  }
  return bytes + "e\x86.";
}

struct PickleFlaw {
  std::string name;
  std::string bytes;
  std::string what;     ///< Part of the error.
  std::string repair;   ///< What is counted.
  std::size_t remains;  ///< Invocations after the repair.
};
void PrintTo(const PickleFlaw& flaw, std::ostream* out) { *out << flaw.name; }

class FlawedPickle : public testing::TestWithParam<PickleFlaw> {};

TEST_P(FlawedPickle, IsAnErrorThatSaysWhich) {
  const auto trace = tests::load(forms::open_faascache(InputFile::in_memory("x.pckl", GetParam().bytes), {}));
  ASSERT_FALSE(trace);
  EXPECT_NE(trace.error().what.find(GetParam().what), std::string::npos) << trace.error().what;
  EXPECT_EQ(trace.error().where, "x.pckl");
}

TEST_P(FlawedPickle, IsMendedAndCountedByRepair) {
  const auto file = forms::open_faascache(InputFile::in_memory("x.pckl", GetParam().bytes), {.repair = true});
  ASSERT_TRUE(file) << render(file.error());
  EXPECT_EQ((*file)->invocations(), GetParam().remains);
  ASSERT_FALSE((*file)->repairs().empty());
  EXPECT_NE((*file)->repairs()[0].what.find(GetParam().repair), std::string::npos)
      << (*file)->repairs()[0].what;
}

INSTANTIATE_TEST_SUITE_P(
    Every, FlawedPickle,
    testing::Values(PickleFlaw{"unsorted",
                               pickle_of({"a"}, {{"a", "100", "0"}, {"a", "100", "9"}, {"a", "100", "5"}}),
                               "invocation 2 at 5 ms comes after one at 9 ms", "sorted", 3},
                    PickleFlaw{"negative_time", pickle_of({"a"}, {{"a", "100", "-1"}, {"a", "100", "9"}}),
                               "invocation 0 is at -1 ms", "negative or missing time", 1},
                    PickleFlaw{"time_nan", pickle_of({"a"}, {{"a", "100", "0"}, {"a", "100", "nan"}}),
                               "invocation 1 is at nan ms", "negative or missing time", 1},
                    PickleFlaw{"unlisted_function", pickle_of({"a"}, {{"a", "100", "0"}, {"b", "100", "5"}}),
                               "invocation 1 is of function \"b\"", "does not list", 2},
                    PickleFlaw{"memory_zero", pickle_of({"a", "b"}, {{"a", "0", "0"}, {"b", "100", "5"}}),
                               "function \"a\" has 0 MB", "impossible memory", 1},
                    PickleFlaw{"memory_nan", pickle_of({"a", "b"}, {{"a", "nan", "0"}, {"b", "100", "5"}}),
                               "function \"a\" has nan MB", "impossible memory", 1}),
    [](const auto& test) { return test.param.name; });

TEST(Pickle, NamesWhatAHostileOneWants) {
  const auto pickle = Pickle::read(
      "\x80\x02"
      "cposix\nsystem\n."s,
      "x", "LambdaData");
  ASSERT_FALSE(pickle);
  EXPECT_EQ(pickle.error().what, "the pickle wants posix.system; only the class LambdaData is allowed");
}

TEST(Pickle, ReadsNegativeNumbersOfEverySize) {
  const auto pickle =
      Pickle::read("\x80\x02(J\xff\xff\xff\xff\x8a\x01\xfe\x8a\x00\x8a\x08\0\0\0\0\0\0\0\x80I-5\nL7L\nt."s,
                   "x", "LambdaData");
  ASSERT_TRUE(pickle) << render(pickle.error());
  std::vector<double> numbers;
  for (const Pickle::Place place : pickle->members(pickle->root())) numbers.push_back(pickle->number(place));
  EXPECT_EQ(numbers, (std::vector<double>{-1, -2, 0, -0x1p63, -5, 7}));
}

}  // namespace
}  // namespace thaw
