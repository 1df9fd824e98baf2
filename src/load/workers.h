#pragma once
// Chooses the worker of a target's protocol.

#include <memory>

#include "load/protocol_worker.h"
#include "load/target.h"

namespace thaw {

/// All outlive the worker. Errors: bad_usage for a scheme that the protocol does not have, environment.
Result<std::unique_ptr<ProtocolWorker>> make_worker(LoadTarget& target, const SenderOptions& options,
                                                    Clock& clock);

}  // namespace thaw
