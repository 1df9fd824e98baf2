#include <algorithm>

#include "bench/config.h"
#include "core/text.h"

namespace thaw {
namespace {

bool is_file(const Path& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

/// Names of the shipped files as -f takes them.
std::vector<std::string> shipped_files(const Path& share) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(share / "backends", error)) {
    names.push_back("backends/" + entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<ConfigFile> find_for_plugin(const Path& named, const Path& share) {
  const Path shipped = share / "backends" / (named.stem().string() + ".yaml");
  if (is_file(shipped)) {
    return ConfigFile{shipped,
                      fmt::format("\"{}\" is a Python plug-in; the backend \"{}\" comes with Thaw as {}",
                                  named.string(), named.stem().string(), shipped.string())};
  }
  return fail_at(ErrorKind::bad_usage,
                 fmt::format("\"{}\" is a Python plug-in, which cannot be loaded", named.string()), "-f",
                 "describe the backend in YAML, see docs/backends.md");
}

/// Included files are looked for beside the file that includes them, then among the shipped ones.
IncludeResolver resolver(const Path& share) {
  return [share](std::string_view name, const Path& includer) -> Result<Path> {
    const Path beside = includer.parent_path() / name;
    if (is_file(beside)) return beside;
    const auto found = find_config_file(name, share);
    return found ? found->path : beside;
  };
}

/// In a workflow `include` may be a single file, and each task has its own.
Result<DocumentNode> include_tasks(DocumentNode document, const Path& file, const Path& share) {
  const DocumentNode* workflow = document.find("workflow");
  if (workflow == nullptr || !workflow->is_list()) return document;
  std::vector<DocumentNode> tasks;
  for (DocumentNode task : workflow->items()) {
    const DocumentNode* include = task.find("include");
    if (include != nullptr && include->is_scalar()) {
      DocumentNode list = DocumentNode::list({*include});
      task.set("include", std::move(list));
    }
    THAW_TRY(tasks.emplace_back(), resolve_includes(std::move(task), file.parent_path(), resolver(share)));
  }
  document.set("workflow", DocumentNode::list(std::move(tasks)));
  return document;
}

/// The first line of `lines` behind a heading about runtime options; 0 when there is none.
std::size_t after_options_heading(const std::vector<std::string_view>& lines) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].starts_with('#') && to_lower(trim(lines[i])).ends_with("runtime options")) return i + 1;
  }
  return 0;
}

/// The lines from `begin` as one text, with empty lines in place of all before, so that places stay right.
std::string lines_in_place(const std::vector<std::string_view>& lines, std::size_t begin, std::size_t end) {
  std::string text(begin, '\n');
  for (std::size_t i = begin; i < end; ++i) {
    text += lines[i];
    text += '\n';
  }
  return text;
}

Result<FileConfig> parse_front_matter(const std::vector<std::string_view>& lines, std::string_view file) {
  std::size_t end = 1;
  while (end < lines.size() && trim(lines[end]) != "---") ++end;
  THAW_TRY(DocumentNode document, parse_document(lines_in_place(lines, 1, end), file));
  const DocumentNode* benchmark = document.find("benchmark_spec");
  FileConfig config;
  if (benchmark != nullptr) {
    THAW_TRY(config, parse_config(*benchmark));
    document.erase("benchmark_spec");
  }
  THAW_TRY(FileConfig rest, parse_config(document));
  return overlay(std::move(config), std::move(rest));
}

}  // namespace

Result<ConfigFile> find_config_file(std::string_view name, const Path& share) {
  const Path named(name);
  if (named.extension() == ".py") return find_for_plugin(named, share);
  if (is_file(named)) return ConfigFile{named, {}};
  if (!share.empty() && named.is_relative()) {
    for (const Path& candidate : {share / named, share / "backends" / named.filename()}) {
      if (is_file(candidate)) return ConfigFile{candidate, {}};
    }
  }
  return fail_at(
      ErrorKind::bad_usage, fmt::format("file \"{}\" does not exist", name), "-f",
      fmt::format("{}; looked in the current folder and in {}", suggest(name, shipped_files(share)),
                  share.empty() ? "no other" : share.string()));
}

Result<LoadedConfig> load_config_files(const std::vector<std::string>& names, const Path& share) {
  LoadedConfig loaded;
  for (const std::string& name : names) {
    THAW_TRY(ConfigFile file, find_config_file(name, share));
    if (!file.note.empty()) loaded.notes.push_back(std::move(file.note));
    THAW_TRY(DocumentNode document, read_document_with_includes(file.path, resolver(share)));
    THAW_TRY(document, include_tasks(std::move(document), file.path, share));
    THAW_TRY(FileConfig config, parse_config(document));
    loaded.config = overlay(std::move(loaded.config), std::move(config));
  }
  return loaded;
}

Result<FileConfig> parse_inline_config(std::string_view json, const Path& share) {
  THAW_TRY(DocumentNode document, parse_document(json, "-j"));
  THAW_TRY(document, resolve_includes(std::move(document), ".", resolver(share)));
  return parse_config(document);
}

Result<FileConfig> parse_markdown_config(std::string_view text, std::string_view file) {
  const std::vector<std::string_view> lines = split_lines(text);
  if (!lines.empty() && trim(lines[0]) == "---") return parse_front_matter(lines, file);
  std::size_t begin = after_options_heading(lines);
  if (begin == 0) {
    return fail_at(ErrorKind::bad_usage, "there are no runtime options in this file", std::string(file),
                   "give the .md file that was written beside the results");
  }
  while (begin < lines.size() && trim(lines[begin]).empty()) ++begin;
  const bool is_fenced = begin < lines.size() && lines[begin].starts_with("```");
  if (is_fenced) ++begin;
  std::size_t end = begin;
  while (end < lines.size() && !lines[end].starts_with(is_fenced ? "```" : "#")) ++end;
  THAW_TRY(const DocumentNode document, parse_document(lines_in_place(lines, begin, end), file));
  return parse_config(document);
}

}  // namespace thaw
