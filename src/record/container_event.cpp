#include "record/container_event.h"

#include <fcntl.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/text.h"
#include "record/json_text.h"

namespace thaw {
namespace {

constexpr std::size_t block_bytes = 64 << 10;
constexpr std::string_view schema = "thaw.events/1";
constexpr std::array<std::string_view, 8> moment_names = {"start",  "finish", "evict", "expire",
                                                          "unload", "stop",   "crash", "drop"};
constexpr std::array<std::string_view, 3> kind_names = {"cold", "warm", "prewarm"};

/// The place of a name in a table; nullopt when it is not there.
template <class Names>
std::optional<std::size_t> place_of(const Names& names, const std::string& name) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return i;
  }
  return std::nullopt;
}

bool is_plain(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\') return false;
  }
  return true;
}

void append_text(std::string& line, std::string_view key, std::string_view text) {
  if (is_plain(text)) {
    line.append(",\"").append(key).append("\":\"").append(text).append("\"");
  } else {
    fmt::format_to(std::back_inserter(line), ",\"{}\":{}", key, nlohmann::json(text).dump());
  }
}

/// Thousandths are enough: microseconds of milliseconds, kilobytes of megabytes.
void append_thousandths(std::string& line, std::string_view key, std::int64_t thousandths) {
  fmt::format_to(std::back_inserter(line), ",\"{}\":{}.{:03}", key, thousandths / 1000, thousandths % 1000);
}

Result<ContainerLogHeader> read_header(const nlohmann::ordered_json& json, const std::string& place) {
  if (!json.is_object() || text_at(json, "schema") != schema) {
    return fail_at(ErrorKind::bad_input, fmt::format("this is no {} file", schema), place);
  }
  ContainerLogHeader header;
  header.source = text_at(json, "source");
  header.policy = text_at(json, "policy");
  header.begin = text_at(json, "begin");
  const auto memory = json.find("memory_mb");
  if (memory != json.end() && memory->is_number()) header.memory_mb = memory->get<double>();
  return header;
}

/// The texts of an event while it is reported.
struct EventTexts {
  std::string function, reason;
};

Result<ContainerEvent> read_event(const nlohmann::ordered_json& json, const std::string& place,
                                  EventTexts& texts) {
  const auto number = [&](const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_number() ? found->get<double>() : 0.0;
  };
  if (!json.is_object()) return fail_at(ErrorKind::bad_input, "an event is an object", place);
  const auto moment = place_of(moment_names, text_at(json, "event"));
  if (!moment) {
    return fail_at(ErrorKind::bad_input, fmt::format("unknown event \"{}\"", text_at(json, "event")), place);
  }
  ContainerEvent event;
  event.at = Nanos{std::llround(number("t_ms") * 1e6)};
  event.moment = static_cast<ContainerMoment>(*moment);
  if (const auto kind = place_of(kind_names, text_at(json, "start")))
    event.kind = static_cast<StartKind>(*kind);
  texts.function = text_at(json, "function");
  texts.reason = text_at(json, "reason");
  event.function = texts.function;
  event.reason = texts.reason;
  event.instance = static_cast<std::uint64_t>(number("instance"));
  event.used_bytes = std::llround(number("used_mb") * 1e6);
  return event;
}

}  // namespace

std::string_view name_of(ContainerMoment moment) { return moment_names.at(static_cast<std::size_t>(moment)); }
std::string_view name_of(StartKind kind) { return kind_names.at(static_cast<std::size_t>(kind)); }

Result<ContainerLog> ContainerLog::create(const Path& path, const ContainerLogHeader& header) {
  FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file.is_open()) {
    return fail_at(ErrorKind::environment,
                   fmt::format("the event log cannot be written: {}", std::strerror(errno)), path.string());
  }
  ContainerLog log(std::move(file));
  nlohmann::ordered_json json{{"schema", schema},
                              {"source", header.source},
                              {"policy", header.policy},
                              {"memory_mb", header.memory_mb}};
  if (!header.begin.empty()) json["begin"] = header.begin;
  log.lines_ = json.dump() + "\n";
  return log;
}

void ContainerLog::add(const ContainerEvent& event) {
  const std::int64_t micros = event.at.count() / 1000;
  fmt::format_to(std::back_inserter(lines_), "{{\"t_ms\":{}.{:03}", micros / 1000, micros % 1000);
  append_text(lines_, "event", name_of(event.moment));
  if (event.moment == ContainerMoment::start) append_text(lines_, "start", name_of(event.kind));
  append_text(lines_, "function", event.function);
  if (event.instance != 0) fmt::format_to(std::back_inserter(lines_), ",\"instance\":{}", event.instance);
  append_thousandths(lines_, "used_mb", event.used_bytes / 1000);
  if (!event.reason.empty()) append_text(lines_, "reason", event.reason);
  lines_ += "}\n";
  if (lines_.size() >= block_bytes) (void)flush();
}

Result<> ContainerLog::flush() {
  if (written_ && !lines_.empty()) written_ = write_all(file_.get(), lines_, "the event log");
  lines_.clear();
  return written_;
}

Result<ContainerLogHeader> read_container_log(const Path& path,
                                              const std::function<void(const ContainerEvent&)>& take) {
  std::ifstream file(path);
  if (!file) return fail_at(ErrorKind::environment, "the event log cannot be read", path.string());
  ContainerLogHeader header;
  EventTexts texts;
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    const std::string place = fmt::format("{}:{}", path.string(), number);
    THAW_TRY(const auto json, parse_json_text(line, place));
    if (number == 1) {
      THAW_TRY(header, read_header(json, place));
      continue;
    }
    THAW_TRY(const ContainerEvent event, read_event(json, place, texts));
    take(event);
  }
  return header;
}

}  // namespace thaw
