#include "load/workers.h"

#include "load/http1_worker.h"
#include "load/http2_worker.h"
#include "load/sites_worker.h"

namespace thaw {

Result<std::unique_ptr<ConnectionWorker>> make_site_worker(LoadTarget& target, const CallSite& site,
                                                           const SenderOptions& options, Clock& clock) {
  if (target.protocol() == Protocol::http1) {
    THAW_TRY(auto worker, Http1Worker::create(target, site, options, clock));
    return worker;
  }
  THAW_TRY(auto worker, Http2Worker::create(target, site, options, clock));
  return worker;
}

Result<std::unique_ptr<ProtocolWorker>> make_worker(LoadTarget& target, const SenderOptions& options,
                                                    Clock& clock) {
  if (target.sites().size() == 1) {
    THAW_TRY(auto worker, make_site_worker(target, target.sites().front(), options, clock));
    return worker;
  }
  THAW_TRY(auto worker, SitesWorker::create(target, options, clock));
  return worker;
}

}  // namespace thaw
