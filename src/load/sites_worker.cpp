#include "load/sites_worker.h"

#include <algorithm>
#include <limits>

#include "load/workers.h"

namespace thaw {
namespace {

/// A worker that leaves events for later would not be seen to have some: it gets all the time.
constexpr std::int64_t no_hurry = std::numeric_limits<std::int64_t>::max();
/// Between two looks at the limits of all sites; a worker looks as often at most.
constexpr std::int64_t expiry_step_ns = 1'000'000;

}  // namespace

Result<std::unique_ptr<SitesWorker>> SitesWorker::create(LoadTarget& target, const SenderOptions& options,
                                                         Clock& clock) {
  THAW_TRY(Poller poller, Poller::create());
  std::unique_ptr<SitesWorker> worker(new SitesWorker(target, std::move(poller)));
  for (const CallSite& site : target.sites()) {
    THAW_TRY(auto site_worker, make_site_worker(target, site, options, clock));
    THAW_CHECK(worker->poller_.add(site_worker->descriptor(), EPOLLIN, worker->workers_.size()));
    worker->workers_.push_back(std::move(site_worker));
  }
  worker->is_touched_.resize(worker->workers_.size());
  return worker;
}

void SitesWorker::begin(MonotonicTime anchor, InvocationSink& sink) {
  sink_ = &sink;
  for (const auto& worker : workers_) worker->begin(anchor, *this);
}

void SitesWorker::take(const Invocation& invocation) {
  --in_flight_;
  sink_->take(invocation);
}

void SitesWorker::submit(const Invocation& invocation) {
  most_in_flight_ = std::max(most_in_flight_, ++in_flight_);
  const std::size_t site = target_.site_of(invocation.function);
  if (!is_touched_[site]) {
    is_touched_[site] = true;
    touched_.push_back(site);
  }
  workers_[site]->submit(invocation);
}

std::size_t SitesWorker::handle_ready(Nanos limit, std::int64_t /*due_ns*/) {
  std::size_t handled = 0;
  // What was put off is written before anything waits. Handling may submit what follows, so the list may grow.
  for (std::size_t i = 0; i < touched_.size(); ++i) {
    is_touched_[touched_[i]] = false;
    handled += workers_[touched_[i]]->handle_ready(Nanos::zero(), no_hurry);
  }
  touched_.clear();
  for (const epoll_event& event : poller_.wait(limit))
    handled += workers_[event.data.u64]->handle_ready(Nanos::zero(), no_hurry);
  return handled;
}

void SitesWorker::expire(std::int64_t now_ns) {
  if (now_ns < next_expiry_ns_) return;
  next_expiry_ns_ = now_ns + expiry_step_ns;
  for (const auto& worker : workers_) worker->expire(now_ns);
}

void SitesWorker::censor_rest() {
  for (const auto& worker : workers_) worker->censor_rest();
}

SenderHealth SitesWorker::health() const {
  SenderHealth health;
  for (const auto& worker : workers_) health.merge(worker->health());
  health.most_in_flight = most_in_flight_;
  return health;
}

}  // namespace thaw
