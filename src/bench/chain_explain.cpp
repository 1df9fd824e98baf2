#include "bench/chain.h"
#include "core/text.h"

namespace thaw {
namespace {

/// The words in brackets, each as JSON would quote it, so that the borders of words can be seen.
std::string argv_text(const Argv& argv) {
  std::vector<std::string> words;
  for (const std::string& word : argv) words.push_back(DocumentNode::scalar(word).to_json());
  return "[" + join(words, ", ") + "]";
}

std::string shell_text(const Command& command) {
  std::string line;
  for (const auto& [name, value] : command.env) line += name + "=" + shell_quote(value) + " ";
  return line + shell_join(command.argv);
}

void add_errands(std::string& text, std::string_view title, const std::vector<Errand>& errands) {
  for (const Errand& errand : errands) {
    text += fmt::format("{:<11}{}: {}\n", title, errand.backend, shell_text(errand.command));
  }
}

std::string layer_list(const Chain& chain, const Target& target) {
  std::string text;
  for (const BackendSpec& layer : chain.layers()) text += layer.name + " > ";
  return text + (chain.runs_program() ? shell_join(target.program) : target.function);
}

}  // namespace

Result<std::string> Chain::explain(const Target& target, const RunContext& context) const {
  std::string text = fmt::format("{:<11}{}\n", "layers", layer_list(*this, target));
  for (const std::string& note : notes()) text += fmt::format("{:<11}{}\n", "note", note);
  RunContext shown = context;
  std::string lookups;
  const Lookup show = [&](const Errand& errand) -> Result<std::string> {
    lookups += fmt::format("{:<11}{}: {} = {}\n", "look-up", errand.backend, errand.name,
                           shell_text(errand.command));
    return fmt::format("<{} of {}>", errand.name, errand.backend);
  };
  THAW_TRY(shown.resolved, resolve(target, context, show));
  text += lookups;
  THAW_TRY(const std::vector<Command> commands, compose(target, shown));
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const std::string title = commands.size() == 1 ? "run" : fmt::format("run {}", i);
    text += fmt::format("{:<11}{}\n", title, argv_text(commands[i].argv));
    text += fmt::format("{:<11}{}\n", "as shell", shell_text(commands[i]));
  }
  THAW_TRY(const auto cold, resets(target, shown));
  add_errands(text, "cold reset", cold);
  THAW_TRY(const auto cleanup, on_timeout(target, shown));
  add_errands(text, "if stopped", cleanup);
  return text;
}

}  // namespace thaw
