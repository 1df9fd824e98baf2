#include "bench/extract.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "core/random.h"
#include "core/text.h"

namespace thaw {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Result<Extractor> parse(std::string_view yaml, std::string_view metric = "m") {
  auto node = parse_document(yaml, "x.yaml");
  if (!node) return tl::unexpected(node.error());
  return parse_extractor(*node, metric);
}

/// Values as text: "1.5", "NA" for a missing one, "'word'" for text.
std::vector<std::string> shown(const MetricValues& values) {
  std::vector<std::string> texts;
  for (const auto& value : values) {
    if (!value) {
      texts.emplace_back("NA");
    } else if (const double* number = std::get_if<double>(&*value)) {
      texts.push_back(format_number(*number));
    } else {
      texts.push_back("'" + std::get<std::string>(*value) + "'");
    }
  }
  return texts;
}

/// What the extractor finds in the output; an error's text as the only element.
std::vector<std::string> found(std::string_view yaml, std::string_view output) {
  const auto extractor = parse(yaml);
  if (!extractor) return {"error: " + extractor.error().what};
  const auto columns = extract(*extractor, "m", RunText{output, output, {}});
  if (!columns) return {"error: " + columns.error().what};
  return shown(columns->at(0).values);
}

/// "name=value,value" for every column of an `auto` metric.
std::vector<std::string> found_columns(std::string_view yaml, std::string_view output) {
  const auto extractor = parse(yaml, "auto");
  if (!extractor) return {"error: " + extractor.error().what};
  const auto columns = extract(*extractor, "auto", RunText{output, {}, {}});
  if (!columns) return {"error: " + columns.error().what};
  std::vector<std::string> texts;
  for (const auto& column : *columns) texts.push_back(column.name + "=" + join(shown(column.values), ","));
  return texts;
}

std::string complaint(std::string_view yaml, std::string_view metric = "m") {
  const auto extractor = parse(yaml, metric);
  return extractor ? "no error" : extractor.error().what;
}

// --- Values -------------------------------------------------------------------------------------------

TEST(MetricValue, ReadsScientificNotationAsANumber) {
  EXPECT_EQ(std::get<double>(*read_value("1e-05")), 1e-05);
}

TEST(MetricValue, KeepsWhatIsNoNumberAsText) {
  EXPECT_EQ(std::get<std::string>(*read_value("1.2s")), "1.2s");
}

TEST(MetricValue, IsMissingForNotAvailableAndNotFinite) {
  for (const auto* word : {"NA", "N/A", "nan", "-nan", "inf", "Infinity", ""})
    EXPECT_FALSE(read_value(word)) << word;
}

// --- One-column forms -----------------------------------------------------------------------------------

TEST(RegexExtractor, TakesTheFirstGroupOfEveryMatch) {
  EXPECT_THAT(found("{regex: 'max: ([0-9.]+)'}", "a max: 1.5 b\nmax: 2\n"), ElementsAre("1.5", "2"));
}

TEST(RegexExtractor, TakesTheWholeMatchWithoutGroups) {
  EXPECT_THAT(found("{regex: '[0-9]+'}", "a1 b22"), ElementsAre("1", "22"));
}

TEST(RegexExtractor, MatchesLineEndsInsideTheOutput) {
  EXPECT_THAT(found("{regex: '^t=(.*)$'}", "x\nt=5\nt=6"), ElementsAre("5", "6"));
}

TEST(RegexExtractor, LeavesOutAMatchWithoutTheGroup) {
  EXPECT_THAT(found("{regex: 'a|b(\\d)'}", "a b7"), ElementsAre("7"));
}

TEST(RegexExtractor, FindsNothingInOtherText) {
  EXPECT_THAT(found("{regex: 'max (\\d)'}", "min 1"), IsEmpty());
}

TEST(RegexExtractor, NeverHangsOnNestedRepeats) {
  const std::string hostile(5000, 'a');

  const auto result = found("{regex: '(a+)+(a+)+$x'}", hostile + "!");

  EXPECT_TRUE(result.empty() || result[0].starts_with("error: the pattern")) << join(result, " ");
}

TEST(LastFieldExtractor, ReadsEveryLineThatContainsTheText) {
  EXPECT_THAT(found("{last_field: '@@@ Time'}", "x\n@@@ Time elapsed: 0.25\nrank 1 @@@ Time 0.5 \r\n"),
              ElementsAre("0.25", "0.5"));
}

TEST(FieldExtractor, CountsFieldsFromOne) {
  EXPECT_THAT(found("{field: 2, of_line_starting_with: Linux}", "Linux host 6.1\nThe Linux x"),
              ElementsAre("'host'"));
}

TEST(FieldExtractor, CountsNegativeFieldsFromTheEnd) {
  EXPECT_THAT(found("{field: -2, of_line_containing: time}", "time 1 2 3"), ElementsAre("2"));
}

TEST(FieldExtractor, SkipsALineWithoutThatField) {
  EXPECT_THAT(found("{field: 9, of_line_containing: time}", "time 1 2 3"), IsEmpty());
}

TEST(FieldExtractor, StripsTextFromValuesBeforeReadingNumbers) {
  EXPECT_THAT(found("{field: 3, of_line_containing: bin-time, strip: '%'}", "bin-time output 98%"),
              ElementsAre("98"));
}

TEST(FieldExtractor, ScalesNumbers) {
  EXPECT_THAT(found("{last_field: ms, scale: 0.001}", "ms 250"), ElementsAre("0.25"));
}

TEST(FieldExtractor, IsMissingWhereTheScaledNumberIsTooLarge) {
  EXPECT_THAT(found("{last_field: ms, scale: 1000}", "ms 1e308"), ElementsAre("NA"));
}

TEST(TextAfterExtractor, KeepsTheRestOfTheLineAsOneValue) {
  EXPECT_THAT(found("{text_after: 'affinity list:'}", "pid 7's current affinity list: 0, 2"),
              ElementsAre("'0, 2'"));
}

TEST(JsonExtractor, FollowsAPointerThroughObjectsAndArrays) {
  EXPECT_THAT(found("{json: /a/1/b}", R"({"a":[0,{"b":2.5}]})"), ElementsAre("2.5"));
}

TEST(JsonExtractor, UndoesTheEscapesOfPointers) {
  EXPECT_THAT(found("{json: '/a~1b/m~0n'}", R"({"a/b":{"m~n":8}})"), ElementsAre("8"));
}

TEST(JsonExtractor, MakesAListOfAnArray) {
  EXPECT_THAT(found("{json: /t}", R"({"t":[1,null,"x"]})"), ElementsAre("1", "NA", "'x'"));
}

TEST(JsonExtractor, ReadsTheLastJsonLineThatHasThePointer) {
  EXPECT_THAT(found("{json: /t}", "start\n{\"t\":1}\n{\"t\":2}\n{\"u\":3}\nend\n"), ElementsAre("2"));
}

TEST(JsonExtractor, FindsNothingWhereThePointerLeadsNowhere) {
  for (const auto* pointer :
       {"/b", "/a/5", "/a/01", "/a/-", "/a/+1", "/a/x", "/a/0/c", "/a/99999999999999999999"}) {
    EXPECT_THAT(found("{json: " + std::string(pointer) + "}", R"({"a":[1]})"), IsEmpty()) << pointer;
  }
}

TEST(JsonExtractor, RefusesAnObjectAsAValue) {
  EXPECT_THAT(found("{json: /a}", R"({"a":{}})"),
              ElementsAre("error: /a in the output is an object, not a value"));
}

constexpr std::string_view perf_for_people = R"(
 Performance counter stats for './fn':

     <not supported>      cycles:u
         1,234,567      cache-misses              #    1.2 K/sec
              0.55 msec cpu-clock                 #    0.375 CPUs utilized
     <not counted>      page-faults                                             (0.00%)

       0.001476333 seconds time elapsed
)";

TEST(PerfExtractor, RemovesThousandsSeparators) {
  EXPECT_THAT(found("{perf_event: cache-misses}", perf_for_people), ElementsAre("1234567"));
}

TEST(PerfExtractor, ReadsAnEventThatHasAUnit) {
  EXPECT_THAT(found("{perf_event: cpu-clock}", perf_for_people), ElementsAre("0.55"));
}

TEST(PerfExtractor, IsMissingWhereTheCounterIsNotSupportedOrNotCounted) {
  EXPECT_THAT(found("{perf_event: cycles}", perf_for_people), ElementsAre("NA"));
  EXPECT_THAT(found("{perf_event: page-faults}", perf_for_people), ElementsAre("NA"));
}

TEST(PerfExtractor, DoesNotTakeAnEventForAnotherThatItsNameBegins) {
  EXPECT_THAT(found("{perf_event: cache}", perf_for_people), IsEmpty());
}

TEST(PerfExtractor, ReadsTheFormForSpreadsheets) {
  EXPECT_THAT(found("{perf_event: cpu-clock}",
                    "0.55,msec,cpu-clock,553750,100.00,0.375,CPUs utilized\n"
                    "<not supported>,,cycles,0,100.00,,\n"),
              ElementsAre("0.55"));
}

TEST(PerfExtractor, ReadsTheJsonForm) {
  const auto* line =
      R"({"counter-value" : "553710.000000", "unit" : "", "event" : "cycles", "pcnt-running" : 100})";

  EXPECT_THAT(found("{perf_event: cycles}", line), ElementsAre("553710"));
}

TEST(RatioExtractor, GivesTheClockRateInMegahertz) {
  const auto* rate = "{ratio: [{perf_event: cycles}, {perf_event: cpu-clock}], scale: 0.001}";

  EXPECT_THAT(found(rate, "  2,500,000  cycles\n  1.25 msec cpu-clock\n"), ElementsAre("2000"));
}

TEST(RatioExtractor, IsMissingWhenAnOperandIsMissing) {
  const auto* rate = "{ratio: [{perf_event: cycles}, {perf_event: cpu-clock}]}";

  EXPECT_THAT(found(rate, perf_for_people), ElementsAre("NA"));
}

TEST(RatioExtractor, IsMissingForADivisorOfZero) {
  EXPECT_THAT(found("{ratio: [{last_field: a}, {last_field: b}]}", "a 1\nb 0"), ElementsAre("NA"));
}

// --- Forms of many columns ---------------------------------------------------------------------------

TEST(NameValueExtractor, MakesAColumnOfEveryName) {
  EXPECT_THAT(found_columns("{name_value: true}", "read 1\nwrite 2 bytes\nalone\n\nread 3\n"),
              ElementsAre("read=1,3", "write=2"));
}

constexpr std::string_view strace_summary = R"(hello
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 61.29    0.000095          95         1         1 access
 38.71    0.000060          12         5           openat
------ ----------- ----------- --------- --------- ----------------
100.00    0.000155          25         6         1 total
)";

TEST(StraceExtractor, ReadsSecondsOfEachCallWithAndWithoutErrors) {
  EXPECT_THAT(found_columns("{strace_table: true}", strace_summary),
              ElementsAre("access=9.5e-05", "openat=6e-05"));
}

TEST(StraceExtractor, KeepsTheRowsOfSeveralTablesApart) {
  const auto second =
      "% time seconds usecs/call calls errors syscall\n------ ---\n 1 0.5 2 1 close\n------ ---\n";

  EXPECT_THAT(found_columns("{strace_table: true}", std::string(strace_summary) + second),
              ElementsAre("access=9.5e-05,NA", "openat=6e-05,NA", "close=NA,0.5"));
}

TEST(SensorsExtractor, NamesPackagesAndTheirCores) {
  const auto* output =
      "coretemp-isa-0000\nAdapter: ISA adapter\n"
      "Package id 0:  +45.0°C  (high = +80.0°C, crit = +100.0°C)\n"
      "Core 0:        +42.0°C  (high = +80.0°C, crit = +100.0°C)\nCore 1:        N/A\n"
      "coretemp-isa-0001\nPackage id 1:  -3.5°C  (high)\nCore 0:  +7.0°C\n";

  EXPECT_THAT(found_columns("{sensors: true}", output),
              ElementsAre("package_temp_0=45", "core_temp_0_0=42", "core_temp_0_1=NA", "package_temp_1=-3.5",
                          "core_temp_1_0=7"));
}

constexpr std::string_view mpip_text = R"(@ mpiP
@--- Aggregate Time (top twenty, descending, milliseconds) ---------
Send                    9       99    1.0    2.0     30     0.1
@--- Callsite Time statistics (all, milliseconds): 4 ---------------
Name              Site Rank  Count      Max     Mean      Min   App%   MPI%
Send                 1    0     10      3.0      2.0      1.0    1.0   50.0
Send                 2    0     30      9.0      6.0      1.0    1.0   50.0
Send                 1    1      5      4.0      4.0      1.0    1.0   50.0
Send                 1    *     15      4.0      3.0      1.0    1.0   50.0
@--- Callsite Message Sent statistics (all, sent bytes) ------------
Name              Site Rank   Count       Max      Mean       Min       Sum
Send                 1    0      10      2000      1000       500      1e+04
@--- End of Report --------------------------------------------------
Send                 1    0      10      2000      1000       500      1e+04
)";

TEST(MpipExtractor, WeighsTheMeansOfCallSitesByTheirCounts) {
  const auto folder = TemporaryDirectory::create("thaw-mpip");
  std::ofstream(folder->path() / "a.mpiP") << mpip_text;

  EXPECT_THAT(found_columns("{mpip_report: '" + folder->path().string() + "/*.mpiP'}", ""),
              ElementsAre("time_mean_Send=5,4", "time_count_Send=40,5", "msg_mean_Send=1000,NA",
                          "msg_count_Send=10,NA"));
}

TEST(MpipExtractor, ReadsTheNewestReport) {
  const auto folder = TemporaryDirectory::create("thaw-mpip");
  std::ofstream(folder->path() / "new.mpiP") << mpip_text;
  std::ofstream(folder->path() / "old.mpiP") << "nothing";
  const auto now = std::filesystem::last_write_time(folder->path() / "new.mpiP");
  std::filesystem::last_write_time(folder->path() / "old.mpiP", now - std::chrono::hours(1));

  EXPECT_EQ(found_columns("{mpip_report: '" + folder->path().string() + "/*.mpiP'}", "").size(), 4U);
}

TEST(MpipExtractor, FindsNothingWithoutAReport) {
  EXPECT_THAT(found_columns("{mpip_report: /nonexistent/x.mpiP}", ""), IsEmpty());
}

// --- Where to read ------------------------------------------------------------------------------------

TEST(Extractor, ReadsTheStreamItIsTold) {
  const RunText text{"t 1\nt 2", "t 1", "t 2"};

  EXPECT_THAT(shown(extract(*parse("{last_field: t, from: stdout}"), "m", text)->at(0).values),
              ElementsAre("1"));
  EXPECT_THAT(shown(extract(*parse("{last_field: t, from: stderr}"), "m", text)->at(0).values),
              ElementsAre("2"));
}

TEST(Extractor, ReadsAFileWhosePlaceholdersAreExpanded) {
  const auto folder = TemporaryDirectory::create("thaw-extract");
  std::ofstream(folder->path() / "times") << "t 4\n";
  RunText text{"t 1", {}, {}};
  text.expand = [&](std::string_view path) {
    return folder->path().string() + std::string(path.substr(path.find('/')));
  };

  EXPECT_THAT(shown(extract(*parse("{last_field: t, from: 'file:$TMP/times'}"), "m", text)->at(0).values),
              ElementsAre("4"));
}

TEST(Extractor, FindsNothingInAFileThatTheRunDidNotWrite) {
  EXPECT_THAT(found("{last_field: t, from: 'file:/nonexistent/x'}", "t 1"), IsEmpty());
}

TEST(Extractor, KeepsNumbersAsTextForATextMetric) {
  auto extractor = *parse("{last_field: host}");
  extractor.is_text = true;

  EXPECT_THAT(shown(extract(extractor, "m", RunText{"host 007", {}, {}})->at(0).values),
              ElementsAre("'007'"));
}

// --- The shell form -----------------------------------------------------------------------------------

TEST(ShellExtractor, SplitsWhatTheCommandPrints) {
  EXPECT_THAT(found("grep time | awk '{print $2}'", "time 1e-3\nx\ntime slow\n"),
              ElementsAre("0.001", "'slow'"));
}

TEST(ShellExtractor, MakesColumnsForAuto) {
  EXPECT_THAT(found_columns("\"tr ':' ' '\"", "a:1\nb:2\n"), ElementsAre("a=1", "b=2"));
}

TEST(ShellExtractor, ReportsAFailureWithItsStatusAndItsWords) {
  const auto result = run_extract_shell("echo no such counter >&2; exit 3", "");

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().what, "the extract command 'echo no such counter >&2; exit 3' ends with status 3");
  EXPECT_EQ(result.error().hint, "no such counter");
}

// --- The text form of extractors -----------------------------------------------------------------------

TEST(ParseExtractor, SuggestsTheNearestForm) {
  const auto extractor = parse("{regexp: x}");

  ASSERT_FALSE(extractor);
  EXPECT_THAT(extractor.error().hint, HasSubstr("regex"));
}

TEST(ParseExtractor, SaysWhereABadPatternStands) {
  const auto extractor = parse("\n{regex: 'a(b'}");

  ASSERT_FALSE(extractor);
  EXPECT_THAT(extractor.error().what, HasSubstr("a(b"));
  EXPECT_THAT(extractor.error().where, HasSubstr("x.yaml:2"));
}

TEST(ParseExtractor, RefusesTwoForms) {
  EXPECT_EQ(complaint("{regex: x, json: /a}"), "both regex and json are given");
}

TEST(ParseExtractor, RefusesAFieldWithoutItsLine) {
  EXPECT_EQ(complaint("{field: 2}"), "field needs the line it is in");
}

TEST(ParseExtractor, RefusesFieldZero) {
  EXPECT_EQ(complaint("{field: 0, of_line_containing: x}"), "there is no field 0");
}

TEST(ParseExtractor, RefusesAPointerWithoutASlash) {
  EXPECT_EQ(complaint("{json: a/b}"), "the JSON pointer 'a/b' does not start with /");
}

TEST(ParseExtractor, RefusesManyColumnsUnderOneName) {
  EXPECT_EQ(complaint("{name_value: true}", "latency"),
            "name_value makes many columns, but the metric is called latency");
}

TEST(ParseExtractor, RefusesOneColumnUnderAuto) {
  EXPECT_EQ(complaint("{last_field: x}", "auto"),
            "last_field makes one column, but the metric is called auto");
}

// --- Rows --------------------------------------------------------------------------------------------

ExtractedColumn column(std::string name, std::initializer_list<double> values) {
  ExtractedColumn made{std::move(name), {}};
  for (const double value : values) made.values.emplace_back(value);
  return made;
}

TEST(AlignColumns, RepeatsASingleValueInEveryRow) {
  const auto table = align_columns({column("latency", {10, 20}), column("outer_time", {1.5})});

  ASSERT_TRUE(table);
  EXPECT_EQ(table->rows, 2U);
  EXPECT_THAT(shown(table->columns[1].values), ElementsAre("1.5", "1.5"));
}

TEST(AlignColumns, NamesTheMetricsOfDifferentLength) {
  const auto table = align_columns({column("a", {1, 2, 3}), column("b", {1, 2})});

  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().what, "metrics have different numbers of values: b has 2, a has 3");
}

TEST(AlignColumns, KeepsAnAbsentMetricMissingAndNamesIt) {
  const auto table = align_columns({column("a", {1, 2}), column("gone", {})});

  ASSERT_TRUE(table);
  EXPECT_THAT(table->absent, ElementsAre("gone"));
  EXPECT_THAT(shown(table->columns[1].values), ElementsAre("NA", "NA"));
}

TEST(AlignColumns, RefusesANameGivenTwice) {
  const auto table = align_columns({column("a", {1}), column("a", {2})});

  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().what, "two metrics are called a");
}

TEST(AlignColumns, HasOneRowWithoutAnyMetric) { EXPECT_EQ(align_columns({})->rows, 1U); }

// --- Hostile output ----------------------------------------------------------------------------------

/// Pieces that the forms look for, in random order with random bytes between them.
std::string hostile_output(RandomStream& random) {
  static constexpr std::array<std::string_view, 22> pieces = {
      "% time seconds usecs/call calls errors syscall\n",
      "------ -----\n",
      "@--- Callsite Time statistics\n",
      "Package id 0: +4",
      "Core 1:",
      "Tctl: ",
      "\n",
      " ",
      "1,234",
      "<not ",
      "cycles",
      ",,cycles,0,1,",
      "{\"a\":[",
      "{\"counter-value\":",
      "]}",
      "\r\n",
      "1e999",
      "-",
      "Send 1 0 10 3.0 2.0",
      "\"",
      ":",
      "cpu-clock"};
  std::string text;
  for (std::uint64_t i = random.below(60); i > 0; --i) {
    if (random.below(4) == 0) {
      text += static_cast<char>(random.below(256));
    } else {
      text += pieces[random.below(pieces.size())];
    }
  }
  return text;
}

TEST(Extractor, ReadsAnyBytesWithoutHarmOrValuesThatAreNotFinite) {
  const std::array<Extractor, 7> single = {
      *parse("{regex: '(\\d+)(.*x)?$'}"),
      *parse("{last_field: Core}"),
      *parse("{field: -3, of_line_starting_with: '-'}"),
      *parse("{text_after: ':'}"),
      *parse("{json: /a/0}"),
      *parse("{perf_event: cycles}"),
      *parse("{ratio: [{perf_event: cycles}, {perf_event: cpu-clock}]}")};
  const std::array<Extractor, 3> many = {*parse("{name_value: true}", "auto"),
                                         *parse("{strace_table: true}", "auto"),
                                         *parse("{sensors: true}", "auto")};
  RandomStream random(7, "test");

  for (int round = 0; round < 3000; ++round) {
    const std::string output = hostile_output(random);
    std::vector<ExtractedColumn> columns;
    const auto take = [&](const Extractor& extractor, std::string_view name) {
      if (auto some = extract(extractor, name, RunText{output, output, output})) {
        columns.insert(columns.end(), some->begin(), some->end());
      }
    };
    for (const Extractor& extractor : single) take(extractor, "m");
    for (const Extractor& extractor : many) take(extractor, "auto");

    for (const auto& [name, values] : columns) {
      for (const auto& value : values) {
        ASSERT_TRUE(!value || !std::holds_alternative<double>(*value) ||
                    std::isfinite(std::get<double>(*value)));
      }
    }
  }
}

}  // namespace
}  // namespace thaw
