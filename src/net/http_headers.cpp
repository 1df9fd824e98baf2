#include "net/http_headers.h"

namespace thaw {
namespace {

char lowered(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

}  // namespace

HttpHeaders::HttpHeaders(std::initializer_list<value_type> fields) {
  for (const auto& [name, value] : fields) add(name, value);
}

void HttpHeaders::add(std::string_view name, std::string_view value) {
  fields_.push_back({static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(name.size()),
                     static_cast<std::uint32_t>(value.size())});
  text_.append(name).append(value);
}

void HttpHeaders::add_lowered(std::string_view name, std::string_view value) {
  const std::size_t begin = text_.size();
  add(name, value);
  for (std::size_t i = begin; i < begin + name.size(); ++i) text_[i] = lowered(text_[i]);
}

std::optional<std::string_view> HttpHeaders::find(std::string_view name) const {
  for (const auto& [its_name, value] : *this) {
    if (is_same_word(its_name, name)) return value;
  }
  return std::nullopt;
}

void HttpHeaders::clear() {
  text_.clear();
  fields_.clear();
}

HttpHeaders::value_type HttpHeaders::operator[](std::size_t at) const {
  const Field& field = fields_[at];
  const std::string_view text = std::string_view(text_).substr(field.begin);
  return {text.substr(0, field.name_bytes), text.substr(field.name_bytes, field.value_bytes)};
}

bool is_same_word(std::string_view word, std::string_view lower) {
  if (word.size() != lower.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (lowered(word[i]) != lower[i]) return false;
  }
  return true;
}

std::string_view without_blanks(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool has_word(std::string_view list, std::string_view lower) {
  for (;;) {
    const std::size_t comma = list.find(',');
    if (is_same_word(without_blanks(list.substr(0, comma)), lower)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace thaw
