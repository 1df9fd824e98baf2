#include "platform/registration.h"

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
  return spec;
}

}  // namespace thaw
