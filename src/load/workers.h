#pragma once
// Chooses the worker of a target's protocol and of its sites.

#include <memory>

#include "load/connection_worker.h"

namespace thaw {

/// All outlive the worker. Errors: environment, bad_input (trusted certificates).
Result<std::unique_ptr<ProtocolWorker>> make_worker(LoadTarget& target, const SenderOptions& options,
                                                    Clock& clock);

/// The same for one of the target's sites.
Result<std::unique_ptr<ConnectionWorker>> make_site_worker(LoadTarget& target, const CallSite& site,
                                                           const SenderOptions& options, Clock& clock);

}  // namespace thaw
