#include "report/page_origin.h"

#include <utility>

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;

const Json& member(const Json& json, const char* key) {
  static const Json none;
  if (!json.is_object()) return none;
  const auto found = json.find(key);
  return found != json.end() ? *found : none;
}

std::string plain_text(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string command_of(const Json& document) {
  std::string command;
  for (const Json& word : member(document, "command_line")) {
    command += (command.empty() ? "" : " ") + plain_text(word);
  }
  return command;
}

}  // namespace

void add_origin(Page& page, const RunRecord& record, std::string_view unfinished) {
  const Json& document = record.document;
  const auto add = [&page](std::string name, std::string value) {
    if (!value.empty() && value != "null") page.provenance.emplace_back(std::move(name), std::move(value));
  };
  add("command", command_of(document));
  for (const char* key : {"id", "status", "started", "ended", "seed"})
    add(key, plain_text(member(document, key)));
  const Json& context = member(document, "context");
  const Json& run = member(context, "run");
  add("version of thaw", plain_text(member(run, "thaw_version")));
  add("commit of the working folder", plain_text(member(run, "git_commit")));
  for (const char* part : {"configuration", "host"}) {
    const Json& facts = member(std::string_view(part) == "host" ? context : document, part);
    if (facts.is_object() && !facts.empty())
      add(part, facts.dump(2, ' ', false, Json::error_handler_t::replace));
  }
  for (const Json& warning : member(document, "warnings")) page.warnings.push_back(plain_text(warning));
  const std::string status = plain_text(member(document, "status"));
  if (!unfinished.empty() && status != "completed") {
    page.warnings.push_back(fmt::format("{} (status: {}).", unfinished, status));
  }
}

}  // namespace thaw
