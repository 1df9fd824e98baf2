#pragma once
// Chooses the worker of a target's protocol.

#include <memory>

#include "load/protocol_worker.h"
#include "load/target.h"

namespace thaw {

/// All outlive the worker. Errors: environment, bad_input (trusted certificates).
Result<std::unique_ptr<ProtocolWorker>> make_worker(LoadTarget& target, const SenderOptions& options,
                                                    Clock& clock);

}  // namespace thaw
