#pragma once
// A test's view of chains: the shipped backends, the stand-ins of tests/fakes on PATH, and a witness that says with
// which arguments the innermost program was started.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "bench/backend_library.h"
#include "bench/chain.h"
#include "core/files.h"
#include "core/text.h"

namespace thaw {

/// The shipped backends and nothing of the user's.
inline BackendLibrary shipped_backends() {
  return BackendLibrary({Path(THAW_SOURCE_DIR) / "share" / "thaw" / "backends"});
}

inline std::vector<BackendSpec> specs_of(const BackendLibrary& library,
                                         const std::vector<std::string>& names) {
  std::vector<BackendSpec> specs;
  for (const std::string& name : names) {
    auto spec = library.find(name);
    EXPECT_TRUE(spec) << (spec ? "" : render(spec.error()));
    if (spec) specs.push_back(*std::move(spec));
  }
  return specs;
}

/// The chain of these shipped backends, with `options` (YAML, the content of backend_options) laid over them.
inline Result<Chain> chain_of(const std::vector<std::string>& names, std::string_view options = {}) {
  BackendLibrary library = shipped_backends();
  THAW_TRY(const DocumentNode overrides, parse_document(options, "user.yaml"));
  THAW_CHECK(library.add(overrides, false));
  return Chain::build(specs_of(library, names));
}

/// Runs composed commands with the stand-ins on PATH.
class FakeTools {
 public:
  FakeTools() {
    const std::string fakes = std::string(THAW_SOURCE_DIR) + "/tests/fakes";
    const std::string path = environment_variable("PATH").value_or("/usr/bin:/bin");
    if (!path.starts_with(fakes)) ::setenv("PATH", (fakes + ":" + path).c_str(), 1);
    ::setenv("WITNESS_FILE", witness_file().c_str(), 1);
    ::setenv("FAKE_LOG", log_file().c_str(), 1);
  }
  ~FakeTools() { ::unsetenv("FAKE_LOG"); }
  FakeTools(const FakeTools&) = delete;
  FakeTools& operator=(const FakeTools&) = delete;

  /// The environment value and arguments that the witness (or a service's stand-in: the body) got; empty when it
  /// was not run.
  [[nodiscard]] std::vector<std::string> witnessed(const Command& command) const {
    std::error_code ignored;
    std::filesystem::remove(witness_file(), ignored);
    last_ = run_tool(command);
    std::vector<std::string> words;
    const auto content = read_file_if_any(witness_file());
    if (!content || content->empty()) return words;
    for (const std::string_view word :
         split(std::string_view(*content).substr(0, content->size() - 1), '\0')) {
      words.emplace_back(word);
    }
    return words;
  }

  /// Runs an errand and returns its output.
  [[nodiscard]] static Result<std::string> look_up(const Errand& errand) {
    THAW_TRY(const ToolOutput output, run_tool(errand.command));
    if (!output.succeeded()) return fail(ErrorKind::environment, "{}", output.err);
    return output.out;
  }

  /// What the last command printed.
  [[nodiscard]] std::string last_output() const {
    return last_ ? last_->out + last_->err : last_.error().what;
  }
  [[nodiscard]] int last_exit_code() const { return last_ ? last_->report.exit_code : -1; }

  /// What the stand-ins were asked to do since the last call.
  [[nodiscard]] std::vector<std::string> take_log() const {
    std::vector<std::string> lines;
    const std::string text = read_file_if_any(log_file()).value_or("");
    for (const std::string_view line : split_lines(text)) lines.emplace_back(line);
    std::error_code ignored;
    std::filesystem::remove(log_file(), ignored);
    return lines;
  }

  [[nodiscard]] Path folder() const { return folder_.path(); }

 private:
  [[nodiscard]] Path witness_file() const { return folder_.path() / "witness"; }
  [[nodiscard]] Path log_file() const { return folder_.path() / "log"; }

  TemporaryDirectory folder_ = *TemporaryDirectory::create("thaw-chain-test");
  mutable Result<ToolOutput> last_ = fail(ErrorKind::internal, "nothing was run");
};

/// GNU time is asked for by its full path; the stand-in takes its place.
inline void use_fake_time(BackendSpec& spec) {
  if (!spec.run) return;
  for (CommandTemplate::Element& element : spec.run->elements) {
    for (std::string& word : element.words) {
      if (word == "/usr/bin/time") word = std::string(THAW_SOURCE_DIR) + "/tests/fakes/time";
    }
  }
}

}  // namespace thaw
