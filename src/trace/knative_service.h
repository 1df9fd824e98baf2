#pragma once
// The description of a Knative service as a source of the settings that a Dirigent cluster takes for a function.

#include <string_view>

#include "core/error.h"
#include "trace/deployment.h"

namespace thaw {

/// The settings in a service's YAML: scaling bounds from the annotations min-scale and max-scale of its template; image,
/// the port named h2c and the variables ITERATIONS_MULTIPLIER and IO_PERCENTAGE of its first container; protocol tcp. What
/// is absent keeps its default; `function` stays empty, as the file does not know it.
/// Errors: bad_input at "place", with line and column for what is no YAML, else naming the key.
Result<DirigentFunction> parse_knative_service(std::string_view yaml, std::string_view place);

}  // namespace thaw
