#pragma once
// What the answer of a function says about itself, in the headers of Thaw's platform and in the predecessor's JSON bodies.

#include <string_view>

#include "load/invocation.h"

namespace thaw {

/// The parts of an answer that say who answered and how; empty where absent.
struct AnswerParts {
  std::string_view cold;      ///< Header X-Thaw-Cold: "1", "true", "0", "false".
  std::string_view instance;  ///< Header X-Thaw-Instance.
  std::string_view body;      ///< JSON, or anything else.
};

/// Fills cold, instance, execution time and memory. Without the header, the instance is the body's "MachineName".
void read_answer(const AnswerParts& answer, Invocation& invocation);

/// Why an answer without a good status is none: dropped by the platform where its header X-Thaw-Error says so.
Cause cause_of_status(std::string_view thaw_error);

/// Keeps the beginning of a name.
void set_instance(Invocation& invocation, std::string_view name);

}  // namespace thaw
