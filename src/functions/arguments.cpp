#include "functions/arguments.h"

#include "core/text.h"
#include "functions/functions.h"

namespace thaw::functions {

Result<double> Positionals::number(std::string_view name, double default_value, double least, double most) {
  if (args_.empty()) return default_value;
  const std::string& text = args_.front();
  const auto value = parse_number(text);
  if (!value || *value < least || *value > most) {
    return wrong(fmt::format("{} must be a number from {:g} to {:g}, got \"{}\"", name, least, most, text));
  }
  args_ = args_.subspan(1);
  return *value;
}

Result<std::int64_t> Positionals::integer(std::string_view name, std::int64_t default_value,
                                          std::int64_t least, std::int64_t most) {
  if (args_.empty()) return default_value;
  const std::string& text = args_.front();
  const auto value = parse_integer(text);
  if (!value || *value < least || *value > most) {
    return wrong(fmt::format("{} must be a whole number from {} to {}, got \"{}\"", name, least, most, text));
  }
  args_ = args_.subspan(1);
  return *value;
}

Result<> Positionals::finish() const {
  if (args_.empty()) return {};
  return wrong(fmt::format("argument \"{}\" is one too many", args_.front()));
}

tl::unexpected<Error> Positionals::wrong(std::string what) const {
  const auto function = find_function(function_);
  const std::string_view arguments = function ? (*function)->arguments : "";
  return fail_at(ErrorKind::bad_usage, std::move(what), std::string(function_),
                 fmt::format("usage: {}{}{}", function_, arguments.empty() ? "" : " ", arguments));
}

}  // namespace thaw::functions
