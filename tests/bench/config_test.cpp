#include "bench/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "bench/chain_trial.h"
#include "bench/stop_rule.h"
#include "core/random.h"

namespace thaw {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::SizeIs;

const Path share = Path(THAW_SOURCE_DIR) / "share" / "thaw";

Result<FileConfig> config_of(std::string_view text) {
  THAW_TRY(const DocumentNode document, parse_document(text, "exp.yaml"));
  return parse_config(document);
}

FileConfig config(std::string_view text) {
  auto read = config_of(text);
  EXPECT_TRUE(read) << (read ? "" : render(read.error()));
  return read.value_or(FileConfig{});
}

/// A folder that is the current one while it lives.
class WorkingFolder {
 public:
  WorkingFolder() { std::filesystem::current_path(folder_.path()); }
  ~WorkingFolder() { std::filesystem::current_path(before_); }
  WorkingFolder(const WorkingFolder&) = delete;
  WorkingFolder& operator=(const WorkingFolder&) = delete;
  void write(const std::string& name, std::string_view text) const {
    std::filesystem::create_directories((folder_.path() / name).parent_path());
    std::ofstream(folder_.path() / name) << text;
  }

 private:
  Path before_ = std::filesystem::current_path();
  TemporaryDirectory folder_ = *TemporaryDirectory::create("thaw-config-test");
};

TEST(Config, ReadsTheKeysOfTheNewerEra) {
  const FileConfig read = config(
      "backend_names: [mpi, perf]\nentry_point: matmul\nargs: [100, '2 3']\ntask: t\nmpl: 4\ntimeout: 3600\n"
      "environment: {OMP_NUM_THREADS: 2}\nstart: cold\nmode: w\ndirectory: runlogs\ndescription: d\n"
      "skip_sys_specs: true\nverbose: false\n");

  EXPECT_THAT(*read.backends, ElementsAre("mpi", "perf"));
  EXPECT_EQ(read.function, "matmul");
  EXPECT_THAT(*read.args, ElementsAre("100", "2 3"));
  EXPECT_EQ(read.copies, 4);
  EXPECT_EQ(read.timeout, 1h);
  EXPECT_THAT(read.env, ElementsAre(Pair("OMP_NUM_THREADS", "2")));
  EXPECT_EQ(read.start, StartMode::cold);
  EXPECT_EQ(read.skip_sys_specs, true);
}

TEST(Config, ReadsTheKeysOfTheOlderEra) {
  const FileConfig read = config(
      "backends: local\nfunction: inc\nargs: 1000 '0 1'\nrepeats: 7\nmode: warm\nfn_path: /app\ndatafile: "
      "in.txt\n"
      "sys_spec_commands: {Host: hostname}\n");

  EXPECT_THAT(*read.backends, ElementsAre("local"));
  EXPECT_THAT(*read.args, ElementsAre("1000", "0 1"));
  EXPECT_EQ(read.repeat, "7");
  EXPECT_EQ(read.start, StartMode::warm);
  EXPECT_EQ(read.fn_path, "/app");
  EXPECT_EQ(read.stdin_file, "in.txt");
  EXPECT_THAT(read.sys_spec_commands[0].commands, ElementsAre(Pair("Host", "hostname")));
}

TEST(Config, ReadsJson) {
  EXPECT_THAT(*parse_inline_config(R"({"backends":["perf"],"repeats":5})", share)->backends,
              ElementsAre("perf"));
}

TEST(Config, RefusesAnUnknownKeyWithPlaceAndAdvice) {
  const auto read = config_of("task: t\nrepeets: 5\n");

  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::bad_usage);
  EXPECT_EQ(read.error().what, "unknown key 'repeets'");
  EXPECT_EQ(read.error().where, "exp.yaml:2:1");
  EXPECT_THAT(read.error().hint, HasSubstr("repeats"));
}

TEST(Config, RefusesValuesThatMakeNoSense) {
  for (const std::string_view text :
       {"copies: 0", "copies: many", "start: tepid", "timeout: -1", "timeout: 5 apples", "verbose: perhaps",
        "backends: {a: 1}", "args: {a: 1}", "env: [NOVALUE]", "metrics: [1]", "backend_options: [1]",
        "workflow: {a: 1}"}) {
    const auto read = config_of(text);

    ASSERT_FALSE(read) << text;
    EXPECT_THAT(read.error().where, HasSubstr("exp.yaml:1:")) << text;
  }
}

TEST(Config, ReadsADurationOrSecondsAsATimeout) {
  EXPECT_EQ(config("timeout: 250ms").timeout, 250ms);
  EXPECT_EQ(config("timeout: 1.5").timeout, 1500ms);
}

// --- repeating ----------------------------------------------------------------------------------------------------

TEST(Config, HonoursACountOfRepeats) { EXPECT_EQ(config("repeats: 5").repeat, "5"); }

TEST(Config, MakesARuleFromTheRepeaterAndItsOptions) {
  const FileConfig read = config(
      "repeater: CI\nrepeater_options:\n  metric: inner_time\n  verbose: true\n"
      "  CI: {ci_threshold: 0.02, ci_limit: 0.99, starting_sample: 10, max: 500}\n  RSE: {rse_threshold: "
      "0.5}\n");

  EXPECT_EQ(read.repeat, "ci:ci_threshold=0.02,ci_limit=0.99,starting_sample=10,max=500");
  EXPECT_EQ(read.repeat_metric, "inner_time");
  EXPECT_TRUE(make_stop_rule(*read.repeat, 1)) << render(make_stop_rule(*read.repeat, 1).error());
}

TEST(Config, TakesTheOptionsOfTheCountFromCr) {
  EXPECT_EQ(config("repeats: MAX\nrepeater_options: {CR: {max: 12}}").repeat, "count:max=12");
}

TEST(Config, TakesTheTopLevelOptionsWhenTheRuleHasNone) {
  EXPECT_EQ(config("repeats: hdi\nrepeater_options: {metric: m, hdi_threshold: 0.2}").repeat,
            "hdi:hdi_threshold=0.2");
}

TEST(Config, MakesAValidRuleFromEveryNameOfThePredecessor) {
  for (const std::string_view name :
       {"COUNT", "MAX", "RSE", "SE", "CI", "HDI", "BB", "GMM", "KS", "DC", "DURATION"}) {
    const FileConfig read = config(fmt::format("repeats: {}", name));

    EXPECT_TRUE(make_stop_rule(*read.repeat, 1)) << name;
  }
}

TEST(Config, TakesOurOwnTextOfARule) {
  EXPECT_EQ(config("repeat: 'ci:threshold=0.02,min=10'").repeat, "ci:threshold=0.02,min=10");
}

// --- sweeps and workflows -----------------------------------------------------------------------------------------

TEST(Config, ReadsASweep) {
  const FileConfig read = config(
      "sweep:\n  args: [[1, 2], [3]]\n  env: {A: [x, y], B: z}\n  options: {mpl: [1, 4]}\n  order: random\n");

  ASSERT_TRUE(read.sweep);
  ASSERT_THAT(read.sweep->axes, SizeIs(4));
  EXPECT_THAT(read.sweep->axes[0].values, ElementsAre(ElementsAre("1", "2"), ElementsAre("3")));
  EXPECT_EQ(read.sweep->axes[3].name, "mpl");
  EXPECT_EQ(read.sweep_order, SweepOrder::random);
}

TEST(Config, RefusesASweepOverAnUnknownOptionOrAWrongValue) {
  EXPECT_THAT(config_of("sweep: {options: {mlp: [1, 4]}}").error().what, HasSubstr("unknown key 'mlp'"));
  EXPECT_FALSE(config_of("sweep: {options: {mpl: [1, lots]}}"));
}

TEST(Config, ReadsTheTasksOfAWorkflowInOrder) {
  const FileConfig read = config(
      "experiment: e\nworkflow:\n  - {task: a, repeats: 5, experiment: x}\n  - {task: b, options: {mpl: "
      "2}}\n");

  ASSERT_THAT(read.workflow, SizeIs(2));
  EXPECT_EQ(read.workflow[0].repeat, "5");
  EXPECT_EQ(read.workflow[0].experiment, "x");
  EXPECT_EQ(overlay(read, read.workflow[1]).experiment, "e");
  EXPECT_EQ(read.workflow[1].copies, 2);
}

TEST(Config, ReadsTheFileThatATaskIncludes) {
  const WorkingFolder folder;
  folder.write("exp/flow.yaml",
               "workflow:\n  - include: common.yaml\n    task: a\n  - include: [common.yaml]\n");
  folder.write("exp/common.yaml", "repeats: 3\ntask: common\n");

  const auto loaded = load_config_files({"exp/flow.yaml"}, share);

  ASSERT_TRUE(loaded) << render(loaded.error());
  EXPECT_EQ(loaded->config.workflow[0].task, "a");
  EXPECT_EQ(loaded->config.workflow[0].repeat, "3");
  EXPECT_EQ(loaded->config.workflow[1].task, "common");
}

// --- several files ------------------------------------------------------------------------------------------------

TEST(Config, LaysLaterFilesOnEarlierOnes) {
  const WorkingFolder folder;
  folder.write("a.yaml", "task: a\nargs: [1, 2]\nenv: {X: 1, Y: 1}\n");
  folder.write("b.json", R"({"args": [3], "env": {"Y": "2"}})");

  const auto loaded = load_config_files({"a.yaml", "b.json"}, share);

  ASSERT_TRUE(loaded) << render(loaded.error());
  EXPECT_EQ(loaded->config.task, "a");
  EXPECT_THAT(*loaded->config.args, ElementsAre("3"));
  EXPECT_THAT(loaded->config.env, ElementsAre(Pair("X", "1"), Pair("Y", "2")));
}

TEST(Config, FindsAShippedFileThatIsNotInTheCurrentFolder) {
  const WorkingFolder folder;

  EXPECT_EQ(find_config_file("backends/perf.yaml", share)->path, share / "backends" / "perf.yaml");
  EXPECT_EQ(find_config_file("perf.yaml", share)->path, share / "backends" / "perf.yaml");
}

TEST(Config, PrefersTheFileInTheCurrentFolder) {
  const WorkingFolder folder;
  folder.write("backends/perf.yaml", "backend_options: {perf: {run: [mine, $CMD]}}\n");

  EXPECT_EQ(find_config_file("backends/perf.yaml", share)->path, "backends/perf.yaml");
}

TEST(Config, ReadsTheShippedBackendInPlaceOfAPythonPlugIn) {
  const auto file = find_config_file("backends/mpi.py", share);

  ASSERT_TRUE(file);
  EXPECT_EQ(file->path, share / "backends" / "mpi.yaml");
  EXPECT_THAT(file->note, AllOf(HasSubstr("backends/mpi.py"), HasSubstr("mpi.yaml")));
}

TEST(Config, RefusesAPythonPlugInThatIsNoShippedBackend) {
  const auto file = find_config_file("mine.py", share);

  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().hint, HasSubstr("docs/backends.md"));
}

TEST(Config, AdvisesTheNearestShippedFile) {
  const auto file = find_config_file("backends/prf.yaml", share);

  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().hint, HasSubstr("backends/perf.yaml"));
}

TEST(Config, IncludesShippedFilesByTheirName) {
  const WorkingFolder folder;
  folder.write("e.yaml", "include: [backends/perf.yaml]\ntask: t\n");

  const auto loaded = load_config_files({"e.yaml"}, share);

  ASSERT_TRUE(loaded) << render(loaded.error());
  EXPECT_THAT(loaded->config.metrics, SizeIs(15));
}

/// The chain that the files and -b names of a command line make.
Result<Chain> command_line_chain(const std::vector<std::string>& files,
                                 const std::vector<std::string>& backends) {
  BackendLibrary library({share / "backends"});
  THAW_TRY(const LoadedConfig loaded, load_config_files(files, share));
  THAW_CHECK(add_to_library(loaded.config, library));
  std::vector<BackendSpec> specs;
  for (const std::string& name : backends) {
    THAW_TRY(specs.emplace_back(), library.find(name));
  }
  return Chain::build(std::move(specs));
}

TEST(UsageExample, CombinesPerformanceMonitoringWithMpi) {
  const auto chain = command_line_chain({"backends/perf.yaml", "backends/mpi.py"}, {"perf", "mpi"});

  ASSERT_TRUE(chain) << render(chain.error());
  const auto commands =
      chain->compose({.program = {"/bin/my_function"}, .function = "my_function"}, {.copies = 2});
  EXPECT_THAT(shell_join(commands->at(0).argv),
              AllOf(HasSubstr("perf stat -e "), HasSubstr(" mpirun -np 2 ")));
}

TEST(UsageExample, MeasuresMemoryOnRemoteHosts) {
  const auto chain = command_line_chain({"backends/memory.yaml", "backends/ssh.py"}, {"ssh", "memory"});

  ASSERT_TRUE(chain) << render(chain.error());
  const auto commands =
      chain->compose({.program = {"my_function"}, .function = "my_function"}, {.token = "t"});
  EXPECT_THAT(commands->at(0).argv.back(), HasSubstr("/usr/bin/time --verbose my_function"));
}

TEST(UsageExample, MonitorsPowerWithSystemFacts) {
  const auto chain =
      command_line_chain({"backends/power_iLO.yaml", "backends/uname.yaml"}, {"power", "uname"});

  ASSERT_TRUE(chain) << render(chain.error());
  EXPECT_THAT(chain->probes(), SizeIs(1));
  const auto commands = chain->compose({.program = {"my_function"}, .function = "my_function"}, {});
  EXPECT_EQ(commands->at(0).argv.back(), "my_function");
}

TEST(Config, KeepsAnAutoMetricOfEachFile) {
  const auto loaded = load_config_files({"backends/strace.yaml", "backends/temps.yaml"}, share);

  ASSERT_TRUE(loaded);
  EXPECT_THAT(loaded->config.metrics, SizeIs(2));
}

TEST(CombineMetrics, PutsTheFilesMetricInPlaceOfTheChains) {
  const FileConfig read = config("metrics: {max_rss: {extract: 'cat', units: MB}, other: {extract: 'cat'}}");
  const auto chain = chain_of({"memory"});

  const auto all = combine_metrics(chain->metrics(), read.metrics);

  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[0].unit, "MB");
  EXPECT_EQ(all[1].name, "other");
}

// --- records ------------------------------------------------------------------------------------------------------

TEST(Config, ReadsItsOwnDocumentBackToTheSame) {
  const FileConfig first = config(
      "backends: [ssh, perf]\nfunction: f\nargs: ['1', 'a b']\nrepeats: CI\nrepeater_options: {CI: {max: "
      "9}}\n"
      "start: warm\ncopies: 3\ntimeout: 1m\nenv: {A: '1'}\nexperiment: e\nseed: 7\nverbose: true\n"
      "backend_options: {ssh: {hosts: [a]}}\nmetrics: {m: {description: d, extract: {last_field: x}}}\n"
      "sys_spec_commands: {cpu: {model: cat /proc/cpuinfo}}\nsweep: {args: [[1], [2]], options: {mpl: [1, "
      "2]}}\n"
      "workflow: [{task: a, repeats: 5}]\n");

  const std::string json = to_document(first).to_json();
  const auto second = parse_config(*parse_document(json, "record"));

  ASSERT_TRUE(second) << render(second.error()) << json;
  EXPECT_EQ(to_document(*second).to_json(), json);
  EXPECT_EQ(second->repeat, "ci:max=9");
  EXPECT_EQ(second->workflow[0].repeat, "5");
  EXPECT_EQ(second->sweep->axes.size(), 2U);
}

TEST(MarkdownConfig, ReadsTheFencedOptionsOfTheNewerEra) {
  const auto read = parse_markdown_config(
      "Experiment completed at x.\n\n## Initial runtime options\n\n```json\n{\n  \"backend_names\": "
      "[\"local\"],\n"
      "  \"repeats\": \"CI\",\n  \"repeater_options\": {\"CI\": {\"max\": 60}},\n  \"mode\": \"w\"\n}\n```\n"
      "\n## CSV field description\n* `a`\n",
      "old.md");

  ASSERT_TRUE(read) << render(read.error());
  EXPECT_THAT(*read->backends, ElementsAre("local"));
  EXPECT_EQ(read->repeat, "ci:max=60");
}

TEST(MarkdownConfig, ReadsTheBareOptionsOfTheOlderEra) {
  const auto read = parse_markdown_config(
      "# Log\n## Runtime options\n{\"backends\": [\"docker\"], \"function\": \"inc\",\n \"repeats\": "
      "\"7\"}\n\n"
      "## Field description\n",
      "old.md");

  ASSERT_TRUE(read) << render(read.error());
  EXPECT_EQ(read->function, "inc");
  EXPECT_EQ(read->repeat, "7");
}

TEST(MarkdownConfig, ReadsFrontMatter) {
  const auto read = parse_markdown_config(
      "---\nbenchmark_spec: {entry_point: sleep, args: [1]}\nbackend_options: {perf: {version: 2}}\n---\n# "
      "Text\n",
      "x.md");

  ASSERT_TRUE(read) << render(read.error());
  EXPECT_EQ(read->function, "sleep");
  EXPECT_THAT(read->backend_options, SizeIs(1));
}

TEST(MarkdownConfig, GivesTheLineOfAMistake) {
  const auto read = parse_markdown_config("## Runtime options\n\n{\"repeats\": 7,\n \"tsk\": 1}\n", "old.md");

  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().where, "old.md:4:2");
}

TEST(MarkdownConfig, RefusesAFileWithoutOptions) {
  EXPECT_THAT(parse_markdown_config("# Notes\n", "notes.md").error().what, HasSubstr("no runtime options"));
}

// --- documents ----------------------------------------------------------------------------------------------------

/// The YAML examples of a page.
std::vector<std::string> examples_in(const std::string& page) {
  std::vector<std::string> examples;
  bool is_inside = false;
  for (const std::string_view line : split_lines(page)) {
    if (trim(line).starts_with("```")) {
      is_inside = trim(line) == "```yaml";
      if (is_inside) examples.emplace_back();
    } else if (is_inside) {
      examples.back() += std::string(line) + "\n";
    }
  }
  return examples;
}

TEST(Config, HasEveryKeyInTheDocument) {
  const std::string page = *read_file(Path(THAW_SOURCE_DIR) / "docs" / "experiments.md");

  for (const std::string_view key : config_keys()) EXPECT_THAT(page, HasSubstr(fmt::format("`{}`", key)));
}

TEST(Config, ReadsEveryExampleOfTheDocuments) {
  for (const std::string name : {"experiments.md", "backends.md"}) {
    const auto examples = examples_in(*read_file(Path(THAW_SOURCE_DIR) / "docs" / name));
    EXPECT_THAT(examples, Not(IsEmpty()));
    for (const std::string& example : examples) {
      DocumentNode document = *parse_document(example, name);
      document.erase("include");
      const auto read = parse_config(document);

      EXPECT_TRUE(read) << (read ? "" : render(read.error())) << example;
    }
  }
}

TEST(Config, NeverCrashesOnDamagedText) {
  const std::string seed_text =
      "backends: [a, b]\nrepeats: CI\nrepeater_options: {CI: {max: 3}}\nsweep: {args: [[1]], env: {A: [1]}}\n"
      "workflow:\n  - {task: a, options: {mpl: 2}}\nmetrics: {m: {extract: {regex: '(a)'}}}\n"
      "backend_options: {ssh: {hosts: [a], run: [ssh, $CMD], reset: [[a]], requires: [x]}}\ntimeout: 5s\n";
  constexpr std::string_view signs = "{}[]:-, 'a1\n&*!";
  int accepted = 0;
  for (std::uint64_t round = 0; round < 3000; ++round) {
    RandomStream random(1, "config_test", round);
    std::string text = seed_text;
    for (std::uint64_t edits = 1 + random.below(4); edits > 0; --edits) {
      const auto at = static_cast<std::size_t>(random.below(text.size()));
      if (random.below(2) == 0) {
        text.erase(at, 1 + static_cast<std::size_t>(random.below(6)));
      } else {
        text[at] = signs[static_cast<std::size_t>(random.below(signs.size()))];
      }
    }
    const auto read = config_of(text);
    if (read) {
      ++accepted;
      EXPECT_TRUE(parse_config(*parse_document(to_document(*read).to_json(), "again"))) << text;
    } else {
      EXPECT_THAT(read.error().where, Not(IsEmpty())) << text << read.error().what;
    }
  }
  EXPECT_GT(accepted, 100);
}

}  // namespace
}  // namespace thaw
