// Counters printed by `perf stat`, in its three forms:
//   "     1,234      cycles                    #  0.5 GHz"     for people
//   "1234,,cycles,553750,100.00,,"                             with -x,
//   {"counter-value" : "1234.0", "unit" : "", "event" : …}     with -j

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bench/extractors/forms.h"
#include "core/text.h"

namespace thaw::extractors {
namespace {

/// "cycles" is also printed as "cycles:u" when only user space may be counted.
bool names_event(std::string_view word, std::string_view event) {
  return word.starts_with(event) && (word.size() == event.size() || word[event.size()] == ':');
}

std::optional<std::string> count_of(std::string_view word) {
  if (word.starts_with('<')) return std::nullopt;
  std::string digits(word);
  std::erase(digits, ',');
  return digits;
}

/// The text of a JSON string under `key`; perf writes one flat object on each line.
std::string string_at(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

void add_json_line(std::string_view line, std::string_view event, Words& words) {
  const auto object = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (object.is_object() && names_event(string_at(object, "event"), event)) {
    words.push_back(count_of(string_at(object, "counter-value")));
  }
}

void add_line_for_people(std::string_view line, std::string_view event, Words& words) {
  const auto fields = split_fields(line);
  const bool is_missing = fields.size() >= 2 && fields[0].starts_with("<not");
  // The name comes second, or third after a unit ("msec") or the second word of "<not counted>".
  for (std::size_t i = 1; i < std::min<std::size_t>(fields.size(), 3); ++i) {
    if (!names_event(fields[i], event)) continue;
    const std::string_view count = is_missing ? std::string_view("<not") : fields[0];
    if (is_missing || parse_number(*count_of(count))) words.push_back(count_of(count));
    return;
  }
}

}  // namespace

Words perf_event(const PerfEventForm& form, std::string_view text) {
  Words words;
  for (const std::string_view line : split_lines(text)) {
    if (line.find(form.event) == std::string_view::npos) continue;
    if (line.find("\"counter-value\"") != std::string_view::npos) {
      add_json_line(trim(line), form.event, words);
    } else if (const auto cells = split(line, ','); cells.size() > 4 && names_event(cells[2], form.event)) {
      words.push_back(count_of(cells[0]));
    } else {
      add_line_for_people(line, form.event, words);
    }
  }
  return words;
}

}  // namespace thaw::extractors
