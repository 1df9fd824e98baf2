#include <algorithm>

#include "bench/config.h"
#include "core/text.h"

namespace thaw {
namespace {

template <class T>
void replace(std::optional<T>& base, std::optional<T>& over) {
  if (over) base = std::move(over);
}

/// Entries of `over` replace those of `base` with the same name and come behind the others.
template <class T, class Name>
void merge_by_name(std::vector<T>& base, std::vector<T>& over, Name&& name_of) {
  for (T& item : over) {
    const auto same = std::find_if(base.begin(), base.end(),
                                   [&](const T& candidate) { return name_of(candidate) == name_of(item); });
    // Several backends may each have a metric called `auto`.
    if (same == base.end() || name_of(item) == "auto") {
      base.push_back(std::move(item));
    } else {
      *same = std::move(item);
    }
  }
}

DocumentNode text_node(std::string text) { return DocumentNode::scalar(std::move(text)); }

DocumentNode plain_node(std::string text) { return DocumentNode::scalar(std::move(text), false); }

DocumentNode text_list(const std::vector<std::string>& texts) {
  std::vector<DocumentNode> items;
  items.reserve(texts.size());
  for (const std::string& text : texts) items.push_back(text_node(text));
  return DocumentNode::list(std::move(items));
}

DocumentNode text_map(const std::vector<std::pair<std::string, std::string>>& pairs) {
  DocumentNode map = DocumentNode::map({});
  for (const auto& [name, value] : pairs) map.set(name, text_node(value));
  return map;
}

std::string_view sweep_key(SweepTarget target) {
  switch (target) {
    case SweepTarget::args:
      return "args";
    case SweepTarget::parameter:
      return "parameters";
    case SweepTarget::environment:
      return "env";
    case SweepTarget::option:
      return "options";
  }
  return "options";
}

DocumentNode sweep_node(const Sweep& sweep) {
  DocumentNode node;
  for (const SweepAxis& axis : sweep.axes) {
    std::vector<DocumentNode> values;
    for (const Argv& value : axis.values) {
      values.push_back(axis.target == SweepTarget::args ? text_list(value) : text_node(value[0]));
    }
    DocumentNode list = axis.is_constant && values.size() == 1 ? values[0] : DocumentNode::list(values);
    const std::string key(sweep_key(axis.target));
    if (axis.target == SweepTarget::args) {
      node.set(key, std::move(list));
      continue;
    }
    DocumentNode axes = node.find(key) == nullptr ? DocumentNode{} : *node.find(key);
    axes.set(axis.name, std::move(list));
    node.set(key, std::move(axes));
  }
  if (sweep.is_zipped) node.set("zip", plain_node("true"));
  return node;
}

std::string_view order_name(SweepOrder order) {
  switch (order) {
    case SweepOrder::in_turn:
      return "in-turn";
    case SweepOrder::random:
      return "random";
    case SweepOrder::interleaved:
      return "interleaved";
  }
  return "in-turn";
}

void set_texts(const FileConfig& config, DocumentNode& node) {
  const std::pair<const char*, const std::optional<std::string>*> texts[] = {
      {"function", &config.function},
      {"task", &config.task},
      {"fn_path", &config.fn_path},
      {"repeat", &config.repeat},
      {"metric", &config.repeat_metric},
      {"experiment", &config.experiment},
      {"directory", &config.directory},
      {"description", &config.description},
      {"stdin", &config.stdin_file},
      {"prepare", &config.prepare},
      {"conclude", &config.conclude},
      {"pin", &config.pin},
      {"out", &config.out}};
  for (const auto& [key, value] : texts) {
    if (*value) node.set(key, text_node(**value));
  }
  const std::pair<const char*, const std::optional<bool>*> flags[] = {
      {"verbose", &config.verbose},
      {"skip_sys_specs", &config.skip_sys_specs},
      {"append", &config.append},
      {"allow_failures", &config.allow_failures}};
  for (const auto& [key, value] : flags) {
    if (*value) node.set(key, plain_node(**value ? "true" : "false"));
  }
}

DocumentNode commands_node(const std::vector<NamedCommand>& commands) {
  std::vector<DocumentNode> items;
  for (const NamedCommand& command : commands) {
    DocumentNode item = DocumentNode::map({});
    item.set("name", text_node(command.name));
    item.set("argv", text_list(command.argv));
    items.push_back(std::move(item));
  }
  return DocumentNode::list(std::move(items));
}

DocumentNode backend_options_node(const FileConfig& config) {
  DocumentNode all;
  for (const auto& [options, brings_metrics] : config.backend_options) {
    for (const DocumentEntry& entry : options.entries()) {
      const DocumentNode* below = all.find(entry.key);
      auto merged = override_backend(below == nullptr ? DocumentNode{} : *below, entry.value);
      all.set(entry.key, merged ? *std::move(merged) : entry.value);
    }
  }
  return all;
}

}  // namespace

FileConfig overlay(FileConfig base, FileConfig over) {
  replace(base.backends, over.backends);
  if (!over.commands.empty()) base.commands = std::move(over.commands);
  replace(base.function, over.function);
  replace(base.task, over.task);
  replace(base.fn_path, over.fn_path);
  replace(base.args, over.args);
  replace(base.repeat, over.repeat);
  replace(base.repeat_metric, over.repeat_metric);
  replace(base.start, over.start);
  replace(base.warmup, over.warmup);
  replace(base.copies, over.copies);
  replace(base.timeout, over.timeout);
  replace(base.experiment, over.experiment);
  replace(base.directory, over.directory);
  replace(base.out, over.out);
  replace(base.description, over.description);
  replace(base.stdin_file, over.stdin_file);
  replace(base.prepare, over.prepare);
  replace(base.conclude, over.conclude);
  replace(base.pin, over.pin);
  replace(base.seed, over.seed);
  replace(base.verbose, over.verbose);
  replace(base.skip_sys_specs, over.skip_sys_specs);
  replace(base.append, over.append);
  replace(base.allow_failures, over.allow_failures);
  replace(base.sweep, over.sweep);
  replace(base.sweep_order, over.sweep_order);
  if (!over.workflow.empty()) base.workflow = std::move(over.workflow);
  merge_by_name(base.env, over.env, [](const auto& pair) -> const std::string& { return pair.first; });
  merge_by_name(base.sys_spec_commands, over.sys_spec_commands,
                [](const FactCommands& facts) -> const std::string& { return facts.group; });
  merge_by_name(base.metrics, over.metrics,
                [](const MetricSpec& metric) -> const std::string& { return metric.name; });
  merge_by_name(base.metric_definitions, over.metric_definitions,
                [](const DocumentEntry& entry) -> const std::string& { return entry.key; });
  std::move(over.backend_options.begin(), over.backend_options.end(),
            std::back_inserter(base.backend_options));
  return base;
}

std::vector<MetricSpec> combine_metrics(std::vector<MetricSpec> of_chain,
                                        const std::vector<MetricSpec>& of_files) {
  std::vector<MetricSpec> own = of_files;
  merge_by_name(of_chain, own, [](const MetricSpec& metric) -> const std::string& { return metric.name; });
  return of_chain;
}

DocumentNode to_document(const FileConfig& config) {
  DocumentNode node = DocumentNode::map({});
  set_texts(config, node);
  if (config.backends) node.set("backends", text_list(*config.backends));
  if (!config.commands.empty()) node.set("commands", commands_node(config.commands));
  if (config.args) node.set("args", text_list(*config.args));
  if (config.start) node.set("start", text_node(std::string(start_mode_name(*config.start))));
  if (config.warmup) node.set("warmup", plain_node(fmt::format("{}", *config.warmup)));
  if (config.copies) node.set("copies", plain_node(fmt::format("{}", *config.copies)));
  if (config.timeout) node.set("timeout", text_node(format_duration(*config.timeout)));
  if (config.seed) node.set("seed", plain_node(fmt::format("{}", *config.seed)));
  if (!config.env.empty()) node.set("env", text_map(config.env));
  if (!config.sys_spec_commands.empty()) {
    DocumentNode groups;
    for (const FactCommands& facts : config.sys_spec_commands)
      groups.set(facts.group, text_map(facts.commands));
    node.set("sys_spec_commands", std::move(groups));
  }
  if (config.sweep) {
    DocumentNode sweep = sweep_node(*config.sweep);
    if (config.sweep_order) sweep.set("order", text_node(std::string(order_name(*config.sweep_order))));
    node.set("sweep", std::move(sweep));
  } else if (config.sweep_order) {
    node.set("order", text_node(std::string(order_name(*config.sweep_order))));
  }
  if (!config.backend_options.empty()) node.set("backend_options", backend_options_node(config));
  if (!config.metric_definitions.empty()) {
    std::vector<DocumentNode> metrics;
    for (const DocumentEntry& entry : config.metric_definitions)
      metrics.push_back(DocumentNode::map({entry}));
    node.set("metrics", DocumentNode::list(std::move(metrics)));
  }
  if (!config.workflow.empty()) {
    std::vector<DocumentNode> tasks;
    for (const FileConfig& task : config.workflow) tasks.push_back(to_document(task));
    node.set("workflow", DocumentNode::list(std::move(tasks)));
  }
  return node;
}

}  // namespace thaw
