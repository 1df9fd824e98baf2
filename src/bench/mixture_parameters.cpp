#include "bench/mixture_parameters.h"

#include "core/text.h"

namespace thaw {

Result<CovarianceChoice> CovarianceChoice::read(const RuleParameters& parameters, std::string_view name) {
  CovarianceChoice choice;
  for (const std::string_view part : split(parameters.text(name), '+')) {
    const std::string kind = to_lower(trim(part));
    if (kind == "tied") {
      choice.shared = true;
    } else if (kind == "spherical" || kind == "diag" || kind == "full") {
      choice.free = true;
    } else {
      return fail_at(ErrorKind::bad_usage, fmt::format("there is no kind of covariance \"{}\"", kind), {},
                     "list some of spherical, tied, diag and full, joined by +");
    }
    ++choice.names;
  }
  return choice;
}

}  // namespace thaw
