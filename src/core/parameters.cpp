#include "core/parameters.h"

#include <algorithm>
#include <vector>

#include "core/text.h"

namespace thaw {
namespace {

std::string plain_word(std::string_view word) {
  std::string plain = to_lower(word);
  std::replace(plain.begin(), plain.end(), '_', '-');
  return plain;
}

/// A plain number or a percentage.
std::optional<double> parse_share(std::string_view text) {
  if (!text.ends_with('%')) return parse_number(text);
  text.remove_suffix(1);
  const auto percent = parse_number(trim(text));
  return percent ? std::optional(*percent / 100) : std::nullopt;
}

}  // namespace

bool is_called(std::string_view word, std::string_view name, std::string_view aliases) {
  const std::string wanted = plain_word(word);
  if (wanted == plain_word(name)) return true;
  const auto others = split_fields(aliases);
  return std::ranges::any_of(others, [&](std::string_view other) { return plain_word(other) == wanted; });
}

Parameters::Parameters(std::string_view owner, std::string_view name, std::span<const ParameterSpec> specs,
                       std::uint64_t seed)
    : owner_(owner), name_(name), specs_(specs), seed_(seed) {}

Result<> Parameters::set(std::string_view name, std::string_view value) {
  for (const ParameterSpec& spec : specs_) {
    if (!is_called(name, spec.name, spec.aliases)) continue;
    if (!values_.emplace(spec.name, value).second) {
      return fail(ErrorKind::bad_usage, "{} has two values for {}", owner_, spec.name);
    }
    return {};
  }
  std::vector<std::string> names;
  for (const ParameterSpec& spec : specs_) names.emplace_back(spec.name);
  return fail_at(ErrorKind::bad_usage, fmt::format(R"({} has no parameter "{}")", owner_, name), {},
                 suggest(name, names));
}

bool Parameters::is_set(std::string_view name) const { return values_.find(name) != values_.end(); }

std::string_view Parameters::text(std::string_view name) const {
  if (const auto given = values_.find(name); given != values_.end()) return given->second;
  const auto spec = std::ranges::find(specs_, name, &ParameterSpec::name);
  THAW_ASSERT(spec != specs_.end(), "{} reads a parameter {} that its table lacks", owner_, name);
  return spec->fallback;
}

Result<double> Parameters::number(std::string_view name, double low, double high) const {
  const auto value = parse_share(text(name));
  if (!value || *value < low || *value > high) {
    return fail(ErrorKind::bad_usage, "{} of {} must be a number from {} to {}, got \"{}\"", name, owner_,
                format_number(low), format_number(high), text(name));
  }
  return *value;
}

Result<std::uint64_t> Parameters::integer(std::string_view name, std::uint64_t low) const {
  const auto value = parse_integer(text(name));
  if (!value || *value < 0 || static_cast<std::uint64_t>(*value) < low) {
    return fail(ErrorKind::bad_usage, "{} of {} must be an integer of at least {}, got \"{}\"", name, owner_,
                low, text(name));
  }
  return static_cast<std::uint64_t>(*value);
}

Result<std::uint64_t> Parameters::limit(std::string_view name) const {
  if (to_lower(text(name)) == "none") return unlimited;
  const auto value = parse_integer(text(name));
  if (!value || *value < 0) {
    return fail(ErrorKind::bad_usage, "{} of {} must be an integer or \"none\", got \"{}\"", name, owner_,
                text(name));
  }
  return *value == 0 ? unlimited : static_cast<std::uint64_t>(*value);
}

Result<Nanos> Parameters::duration(std::string_view name) const {
  auto value = parse_duration(text(name));
  if (value && *value > Nanos::zero()) return value;
  return fail_at(ErrorKind::bad_usage,
                 fmt::format("{} of {} must be a duration above zero, got \"{}\"", name, owner_, text(name)),
                 {}, value ? std::string() : std::move(value).error().hint);
}

std::string Parameters::describe() const {
  std::string described = name_;
  char separator = ':';
  for (const ParameterSpec& spec : specs_) {
    described += fmt::format("{}{}={}", separator, spec.name, text(spec.name));
    separator = ',';
  }
  return described;
}

Result<> Parameters::set_all(std::string_view text, std::string_view unnamed) {
  for (const std::string_view part : split(text, ',')) {
    const auto equals = part.find('=');
    if (equals != std::string_view::npos) {
      THAW_CHECK(set(trim(part.substr(0, equals)), trim(part.substr(equals + 1))));
    } else if (!trim(part).empty() && !unnamed.empty()) {
      THAW_CHECK(set(unnamed, trim(part)));
    } else {
      return fail(ErrorKind::bad_usage, R"(expected name=value after "{}:", got "{}")", name_, part);
    }
  }
  return {};
}

}  // namespace thaw
