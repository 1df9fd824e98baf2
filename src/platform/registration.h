#pragma once
// The registration call of Dirigent's control plane, so that load generators written for it find their functions here.

#include <string_view>

#include "core/error.h"
#include "platform/function_spec.h"

namespace thaw {

/// A function from a form ("name=f&image=i&requested_memory=128&…"). What is run is `defaults`' business: a container of the
/// form's image with its program_args where the sandbox is one, else the default command. Its env_vars are added to the
/// environment. Errors: bad_usage.
Result<FunctionSpec> read_registration(std::string_view form, const FunctionSpec& defaults);

}  // namespace thaw
