// Reads the text that fact_script() prints; fact_script.cpp tells its layout.

#include <fnmatch.h>

#include <map>

#include "core/text.h"
#include "record/fact_source.h"

namespace thaw {
namespace {

constexpr std::string_view first_line = "thaw-facts 1";
constexpr std::string_view last_line = "thaw-facts end";

class BundledFacts final : public FactSource {
 public:
  BundledFacts(std::map<std::string, std::string, std::less<>> files, SystemAnswers answers)
      : files_(std::move(files)), answers_(std::move(answers)) {}

  std::optional<std::string> file(std::string_view path) const override {
    const auto found = files_.find(path);
    if (found == files_.end()) return std::nullopt;
    return found->second;
  }
  std::vector<std::string> glob(std::string_view pattern) const override {
    std::vector<std::string> paths;
    for (const auto& [path, content] : files_) {
      if (::fnmatch(std::string(pattern).c_str(), path.c_str(), FNM_PATHNAME) == 0) paths.push_back(path);
    }
    return paths;
  }
  SystemAnswers answers() const override { return answers_; }

 private:
  std::map<std::string, std::string, std::less<>> files_;
  SystemAnswers answers_;
};

/// The first whole bundle in the text: its lines after the first one, and the root that the first one names.
struct Bundle {
  std::string_view root;
  std::vector<std::string_view> lines;
};

Result<Bundle> find_bundle(std::string_view text) {
  Bundle bundle;
  bool is_inside = false;
  for (const std::string_view line : split_lines(text)) {
    if (line.starts_with(first_line)) {
      is_inside = true;
      bundle = {trim(line.substr(first_line.size())), {}};
    } else if (is_inside && line == last_line) {
      return bundle;
    } else if (is_inside) {
      bundle.lines.push_back(line);
    }
  }
  const std::string_view hint = "the script needs a POSIX shell on the other side; see what the layers print";
  return fail_at(
      ErrorKind::bad_input,
      is_inside ? "the facts of the host are cut off before their end" : "no facts of the host in the output",
      "host facts", std::string(hint));
}

void read_answer(std::string_view name, std::string_view value, SystemAnswers& answers) {
  if (name == "architecture" && !value.empty()) answers.architecture = value;
  if (name == "ticks_per_second") answers.ticks_per_second = parse_integer(value);
  if (name == "process_count") answers.process_count = parse_integer(value);
  // The heading of df is no number and must not undo the value below it.
  if (const auto kb = parse_integer(value); name == "root_available_kb" && kb) {
    answers.root_available_bytes = *kb * 1024;
  }
}

}  // namespace

Result<std::unique_ptr<FactSource>> parse_fact_bundle(std::string_view text) {
  THAW_TRY(const Bundle bundle, find_bundle(text));
  SystemAnswers answers;
  std::map<std::string, std::string, std::less<>> files;
  std::vector<std::string_view> paths;
  std::size_t at = 0;
  for (; at < bundle.lines.size() && bundle.lines[at] != "contents"; ++at) {
    const std::string_view line = bundle.lines[at];
    const std::string_view name = line.substr(0, line.find(' '));
    const std::string_view value = trim(line.substr(name.size()));
    if (name == "file" && value.starts_with(bundle.root)) {
      paths.push_back(value);
      files.emplace(value.substr(bundle.root.size()), "");
    } else {
      read_answer(name, value, answers);
    }
  }
  // Lines come in the order of the paths, so no content can pose as another file.
  std::size_t current = 0;
  for (++at; at < bundle.lines.size(); ++at) {
    const std::string_view line = bundle.lines[at];
    const auto belongs = [&](std::string_view path) {
      return line.size() > path.size() && line[path.size()] == ':' && line.starts_with(path);
    };
    std::size_t owner = current;
    while (owner < paths.size() && !belongs(paths[owner])) ++owner;
    if (owner == paths.size()) continue;
    current = owner;
    std::string& content = files.find(paths[owner].substr(bundle.root.size()))->second;
    content.append(line.substr(paths[owner].size() + 1)) += '\n';
  }
  return std::make_unique<BundledFacts>(std::move(files), std::move(answers));
}

}  // namespace thaw
