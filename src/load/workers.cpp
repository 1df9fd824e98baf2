#include "load/workers.h"

#include "load/http1_worker.h"

namespace thaw {

Result<std::unique_ptr<ProtocolWorker>> make_worker(LoadTarget& target, const SenderOptions& options,
                                                    Clock& clock) {
  const std::string& scheme = target.url().scheme;
  if (target.protocol() == Protocol::http1 && scheme == "http") {
    THAW_TRY(auto worker, Http1Worker::create(target, options, clock));
    return worker;
  }
  return fail_at(ErrorKind::bad_usage,
                 fmt::format("{} over {}:// is not supported", name_of(target.protocol()), scheme),
                 "--target", "use http:// with --protocol http1");
}

}  // namespace thaw
