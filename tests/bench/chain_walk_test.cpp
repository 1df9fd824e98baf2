#include <gmock/gmock.h>

#include "bench/chain_trial.h"

namespace thaw {
namespace {

const std::vector<std::string> nasty_arguments = {"plain",
                                                  "two words",
                                                  "it's",
                                                  "say \"hi\"",
                                                  "$HOME ${PATH} `id` $(id)",
                                                  "*",
                                                  "line\nbreak",
                                                  "äöü 日本 😀",
                                                  "",
                                                  "back\\slash\\",
                                                  "-n",
                                                  "%s",
                                                  "a;b|c&d>e<f",
                                                  "!history",
                                                  "tab\there",
                                                  "trailing newline\n",
                                                  "#no remark",
                                                  "~",
                                                  "{a,b}"};
const std::string nasty_greeting = "it's $HOME \"and\"\nmore\\";

/// Follows every chain of `length` different shipped backends that is legal.
class ChainWalk {
 public:
  ChainWalk() : library_(shipped_backends()) {
    const auto names = library_.names();
    for (const std::string& name : *names) {
      specs_.push_back(*library_.find(name));
      use_fake_time(specs_.back());
      for (auto& [placeholder, words] : specs_.back().placeholders) {
        if (placeholder == "MPIP_LIBRARY") words = {"/dev/null"};
      }
    }
  }

  void walk(std::size_t length) {
    std::vector<BackendSpec> chosen;
    extend(length, chosen);
  }

  [[nodiscard]] int backends() const { return static_cast<int>(specs_.size()); }
  [[nodiscard]] int legal() const { return legal_; }
  [[nodiscard]] int refused() const { return refused_; }

 private:
  void extend(std::size_t length, std::vector<BackendSpec>& chosen) {
    if (chosen.size() == length) {
      check(chosen);
      return;
    }
    for (const BackendSpec& spec : specs_) {
      const bool is_used = std::any_of(chosen.begin(), chosen.end(),
                                       [&](const BackendSpec& other) { return other.name == spec.name; });
      if (is_used) continue;
      chosen.push_back(spec);
      extend(length, chosen);
      chosen.pop_back();
    }
  }

  void check(const std::vector<BackendSpec>& layers) {
    std::string name;
    for (const BackendSpec& layer : layers) name += " -b " + layer.name;
    SCOPED_TRACE(name);
    const auto chain = Chain::build(layers);
    if (!chain) {
      ++refused_;
      EXPECT_EQ(chain.error().kind, ErrorKind::bad_usage);
      return;
    }
    ++legal_;
    const Target target{.program = {"witness"},
                        .args = nasty_arguments,
                        .function = "hello",
                        .task = "walk",
                        .env = {{"GREETING", nasty_greeting}}};
    RunContext context{.token = "feedbeef", .tmp_path = tools_.folder().string() + "/"};
    const auto canned = [](const Errand&) -> Result<std::string> {
      return std::string("http://127.0.0.1:1/");
    };
    context.resolved = *chain->resolve(target, context, canned);
    const auto commands = chain->compose(target, context);
    ASSERT_TRUE(commands) << render(commands.error());
    ASSERT_EQ(commands->size(), 1U);
    const auto words = tools_.witnessed((*commands)[0]);
    EXPECT_EQ(words, expected(*chain)) << shell_join((*commands)[0].argv) << "\n" << tools_.last_output();
  }

  static std::vector<std::string> expected(const Chain& chain) {
    const bool is_request =
        std::any_of(chain.layers().begin(), chain.layers().end(),
                    [](const BackendSpec& layer) { return layer.is_terminal && layer.name != "docker-run"; });
    if (is_request) return {join(nasty_arguments, " ")};
    std::vector<std::string> words = {nasty_greeting};
    words.insert(words.end(), nasty_arguments.begin(), nasty_arguments.end());
    return words;
  }

  FakeTools tools_;
  BackendLibrary library_;
  std::vector<BackendSpec> specs_;
  int legal_ = 0;
  int refused_ = 0;
};

TEST(ChainWalk, EveryBackendAlonePassesItsArgumentsUnchanged) {
  ChainWalk walk;
  walk.walk(1);

  EXPECT_EQ(walk.legal(), walk.backends());
  EXPECT_EQ(walk.refused(), 0);
}

TEST(ChainWalk, EveryLegalPairPassesItsArgumentsUnchanged) {
  ChainWalk walk;
  walk.walk(2);

  EXPECT_GT(walk.legal(), 200);
  EXPECT_EQ(walk.legal() + walk.refused(), walk.backends() * (walk.backends() - 1));
}

TEST(ChainWalk, EveryLegalTriplePassesItsArgumentsUnchanged) {
  ChainWalk walk;
  walk.walk(3);

  EXPECT_GT(walk.legal(), 2000);
  EXPECT_EQ(walk.legal() + walk.refused(), walk.backends() * (walk.backends() - 1) * (walk.backends() - 2));
}

}  // namespace
}  // namespace thaw
