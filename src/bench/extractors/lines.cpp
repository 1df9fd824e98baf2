// Forms that look at one line at a time.

#include "bench/extractors/forms.h"
#include "core/text.h"

namespace thaw::extractors {
namespace {

bool is_wanted(const FieldForm& form, std::string_view line) {
  if (form.test == LineTest::contains) return line.find(form.text) != std::string_view::npos;
  return trim(line).starts_with(form.text);
}

}  // namespace

Words& WordColumns::of(std::string_view name) {
  const auto [entry, is_new] = index_.try_emplace(std::string(name), columns_.size());
  if (is_new) columns_.push_back({entry->first, {}});
  return columns_[entry->second].words;
}

void WordColumns::pad(std::size_t rows) {
  for (Column& column : columns_) column.words.resize(rows);
}

Words field_of_lines(const FieldForm& form, std::string_view text) {
  Words words;
  for (const std::string_view line : split_lines(text)) {
    if (!is_wanted(form, line)) continue;
    const auto fields = split_fields(line);
    const auto count = static_cast<int>(fields.size());
    const int index = form.field > 0 ? form.field - 1 : count + form.field;
    if (index >= 0 && index < count) words.emplace_back(fields[static_cast<std::size_t>(index)]);
  }
  return words;
}

Words text_after(const TextAfterForm& form, std::string_view text) {
  Words words;
  for (const std::string_view line : split_lines(text)) {
    const std::size_t at = line.find(form.text);
    if (at != std::string_view::npos) words.emplace_back(trim(line.substr(at + form.text.size())));
  }
  return words;
}

WordColumns name_values(std::string_view text) {
  WordColumns columns;
  for (const std::string_view line : split_lines(text)) {
    const auto fields = split_fields(line);
    if (fields.size() >= 2) columns.of(fields[0]).emplace_back(fields[1]);
  }
  return columns;
}

}  // namespace thaw::extractors
