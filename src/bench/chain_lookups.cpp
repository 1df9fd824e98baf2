#include <algorithm>
#include <set>

#include "bench/chain.h"
#include "core/files.h"
#include "core/text.h"

namespace thaw {
namespace {

/// Every command of a layer but its look-ups.
std::vector<const CommandTemplate*> commands_of(const BackendSpec& layer) {
  std::vector<const CommandTemplate*> commands;
  if (layer.run) commands.push_back(&*layer.run);
  if (layer.spec) commands.push_back(&*layer.spec);
  for (const CommandTemplate& command : layer.reset) commands.push_back(&command);
  for (const CommandTemplate& command : layer.on_timeout) commands.push_back(&command);
  return commands;
}

bool mentions(const std::string& text, std::string_view placeholder) {
  const auto names = placeholders_in(text);
  return std::find(names.begin(), names.end(), placeholder) != names.end();
}

bool uses(const BackendSpec& layer, std::string_view placeholder) {
  const auto in_text = [&](const std::string& text) { return mentions(text, placeholder); };
  const auto commands = commands_of(layer);
  const auto in_command = [&](const CommandTemplate* command) { return command->uses(placeholder); };
  return std::any_of(commands.begin(), commands.end(), in_command) ||
         std::any_of(layer.env.begin(), layer.env.end(),
                     [&](const auto& pair) { return in_text(pair.second); }) ||
         std::any_of(layer.resolve.begin(), layer.resolve.end(),
                     [&](const ResolveSpec& resolve) { return resolve.command.uses(placeholder); }) ||
         std::any_of(layer.metrics.begin(), layer.metrics.end(),
                     [&](const MetricSpec& metric) { return in_text(metric.extract.path); });
}

}  // namespace

bool Chain::has_lookups() const {
  return std::any_of(layers_.begin(), layers_.end(), [](const BackendSpec& layer) {
    return std::any_of(layer.resolve.begin(), layer.resolve.end(),
                       [&](const ResolveSpec& resolve) { return uses(layer, resolve.name); });
  });
}

Result<ResolvedValues> Chain::resolve(const Target& target, const RunContext& context,
                                      const Lookup& run) const {
  RunContext growing = context;
  growing.resolved = {};
  for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
    for (const ResolveSpec& lookup : layers_[layer].resolve) {
      if (!uses(layers_[layer], lookup.name)) continue;
      std::map<Argv, std::string> known;  // copies on one host share one look-up
      for (int copy = 0; copy < variants(context); ++copy) {
        THAW_TRY(Errand asked, errand(layer, lookup.command, target, growing, copy));
        asked.name = lookup.name;
        auto found = known.find(asked.command.argv);
        if (found == known.end()) {
          THAW_TRY(const std::string output, run(asked));
          if (trim(output).empty()) {
            return fail_at(ErrorKind::environment,
                           fmt::format("backend \"{}\" found no value for ${}: the command printed nothing",
                                       asked.backend, lookup.name),
                           lookup.command.place, "run it by hand: " + shell_join(asked.command.argv));
          }
          found = known.emplace(asked.command.argv, trim(output)).first;
        }
        growing.resolved.set(layer, copy, lookup.name, found->second);
      }
    }
  }
  return std::move(growing.resolved);
}

Result<> Chain::check_programs() const {
  for (std::size_t i = 0; i < layers_.size() && !is_behind_remote(i); ++i) {
    std::vector<Requirement> needed = layers_[i].requires_programs;
    if (const auto& run = layers_[i].run; needed.empty() && run && !run->is_shell_text()) {
      const std::string& first = run->elements[0].words.empty() ? std::string() : run->elements[0].words[0];
      if (!first.empty() && placeholders_in(first).empty()) needed.push_back({first, {}});
    }
    for (const Requirement& requirement : needed) {
      if (find_program(requirement.program)) continue;
      return fail_at(ErrorKind::environment,
                     fmt::format("backend \"{}\" needs the program \"{}\", which is not installed",
                                 layers_[i].name, requirement.program),
                     layers_[i].place,
                     requirement.package.empty() ? "install it, or put its folder on PATH"
                                                 : fmt::format("apt-get install {}", requirement.package));
    }
  }
  return {};
}

std::string Chain::tmp_parent() const {
  const auto layer = std::find_if(layers_.begin(), layers_.end(),
                                  [](const BackendSpec& candidate) { return uses(candidate, "TMP_PATH"); });
  return layer == layers_.end() ? std::string() : layer->tmp_path;
}

bool Chain::differs_by_repetition() const {
  const auto is_of_repetition = [](const BackendSpec& layer) {
    for (const char* placeholder : {"REPETITION", "TMP_PATH"}) {
      if (uses(layer, placeholder)) return true;
      for (const auto& [name, words] : layer.placeholders) {
        if (std::any_of(words.begin(), words.end(),
                        [&](const std::string& word) { return mentions(word, placeholder); })) {
          return true;
        }
      }
    }
    return false;
  };
  return std::any_of(layers_.begin(), layers_.end(), is_of_repetition);
}

std::vector<MetricSpec> Chain::metrics() const {
  std::vector<MetricSpec> all;
  std::set<std::string> names;
  for (const BackendSpec& layer : layers_) {
    for (const MetricSpec& metric : layer.metrics) {
      if (metric.extract.is_auto || names.insert(metric.name).second) all.push_back(metric);
    }
  }
  return all;
}

std::vector<ProbeSpec> Chain::probes() const {
  std::vector<ProbeSpec> all;
  for (const BackendSpec& layer : layers_) {
    if (layer.probe) all.push_back(*layer.probe);
  }
  return all;
}

std::vector<std::string> Chain::notes() const {
  const bool has_hosts = std::any_of(layers_.begin(), layers_.end(),
                                     [](const BackendSpec& layer) { return !layer.hosts.empty(); });
  std::vector<std::string> notes;
  for (const BackendSpec& layer : layers_) {
    if (has_hosts || !layer.run || !(layer.run->uses("HOST") || layer.run->uses("HOST0"))) continue;
    notes.push_back(fmt::format(
        "backend \"{0}\" has no hosts and uses localhost; list them under backend_options.{0}.hosts",
        layer.name));
  }
  return notes;
}

}  // namespace thaw
