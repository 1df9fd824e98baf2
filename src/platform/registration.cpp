#include "platform/registration.h"

#include <algorithm>
#include <vector>

#include "core/text.h"
#include "net/http_message.h"

namespace thaw {
namespace {

/// A field's number; 0 when it is absent or empty.
Result<std::uint32_t> number_in(std::string_view form, std::string_view field) {
  const std::string text = query_value(form, field).value_or("");
  if (text.empty()) return 0U;
  const auto number = parse_integer(text);
  if (!number || *number < 0 || *number > 1'000'000'000) {
    return fail(ErrorKind::bad_usage, "{} must be a whole number from 0 on, got \"{}\"", field, text);
  }
  return static_cast<std::uint32_t>(*number);
}

/// All that a repeated field says, in its order, without empty ones.
Result<std::vector<std::string>> texts_in(std::string_view form, std::string_view field) {
  std::vector<std::string> texts;
  while (!form.empty()) {
    const std::string_view part = form.substr(0, form.find('&'));
    form.remove_prefix(std::min(part.size() + 1, form.size()));
    if (part.substr(0, part.find('=')) != field) continue;
    auto text = query_value(part, field);
    if (!text) return fail(ErrorKind::bad_usage, "{} is malformed: \"{}\"", field, part);
    if (!text->empty()) texts.push_back(std::move(*text));
  }
  return texts;
}

/// What the form hands to the program: variables "KEY=VALUE" and arguments. Errors: bad_usage.
Result<> read_program(std::string_view form, FunctionSpec& spec) {
  THAW_TRY(const auto variables, texts_in(form, "env_vars"));
  for (const std::string& variable : variables) {
    const std::size_t sign = variable.find('=');
    if (sign == 0 || sign == std::string::npos) {
      return fail(ErrorKind::bad_usage, "env_vars must be KEY=VALUE, got \"{}\"", variable);
    }
    spec.environment[variable.substr(0, sign)] = variable.substr(sign + 1);
  }
  // Arguments are those of the image's program; another one would not know them.
  if (spec.sandbox != "docker") return {};
  THAW_TRY(const auto arguments, texts_in(form, "program_args"));
  spec.command.insert(spec.command.end(), arguments.begin(), arguments.end());
  return {};
}

}  // namespace

Result<FunctionSpec> read_registration(std::string_view form, const FunctionSpec& defaults) {
  FunctionSpec spec = defaults;
  const auto name = query_value(form, "name");
  if (!name) {
    return fail_at(ErrorKind::bad_usage, "a registration is a form with a name", {},
                   "PUT /functions/NAME takes JSON");
  }
  THAW_CHECK(check_function_name(*name));
  spec.name = *name;
  THAW_TRY(const std::uint32_t memory, number_in(form, "requested_memory"));
  if (memory > 0) spec.memory = Bytes{static_cast<std::int64_t>(memory) << 20};
  THAW_TRY(spec.min_instances, number_in(form, "scaling_lower_bound"));
  THAW_TRY(spec.max_instances, number_in(form, "scaling_upper_bound"));
  if (spec.max_instances != 0) spec.max_instances = std::max(spec.max_instances, spec.min_instances);
  if (spec.sandbox == "docker") {
    if (const auto image = query_value(form, "image"); image && !image->empty()) spec.image = *image;
  }
  // The knobs of the trace function.
  for (const auto& [field, variable] : {std::pair{"iteration_multiplier", "ITERATIONS_MULTIPLIER"},
                                        std::pair{"cold_start_busy_loop_ms", "COLD_START_BUSY_LOOP_MS"}}) {
    THAW_TRY(const std::uint32_t value, number_in(form, field));
    if (value > 0) spec.environment[variable] = fmt::format("{}", value);
  }
  THAW_CHECK(read_program(form, spec));
  return spec;
}

}  // namespace thaw
