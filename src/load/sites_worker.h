#pragma once
// A target whose functions are called at several places: a worker for each, and one wait for all of them.

#include <memory>
#include <vector>

#include "load/connection_worker.h"

namespace thaw {

/// Limits on connections hold for each site.
class SitesWorker final : public ProtocolWorker, private InvocationSink {
 public:
  /// All outlive the worker. Errors: environment, bad_input (the file of trusted certificates).
  static Result<std::unique_ptr<SitesWorker>> create(LoadTarget& target, const SenderOptions& options,
                                                     Clock& clock);

  void begin(MonotonicTime anchor, InvocationSink& sink) override;
  void submit(const Invocation& invocation) override;
  std::size_t handle_ready(Nanos limit, std::int64_t due_ns) override;
  void expire(std::int64_t now_ns) override;
  void censor_rest() override;
  [[nodiscard]] std::uint64_t in_flight() const override { return in_flight_; }
  [[nodiscard]] SenderHealth health() const override;

 private:
  SitesWorker(LoadTarget& target, Poller poller) : target_(target), poller_(std::move(poller)) {}
  void take(const Invocation& invocation) override;

  LoadTarget& target_;
  Poller poller_;                                           ///< Of the workers' pollers.
  std::vector<std::unique_ptr<ConnectionWorker>> workers_;  ///< By site.
  std::vector<std::size_t> touched_;                        ///< Sites with something to write.
  std::vector<bool> is_touched_;
  InvocationSink* sink_ = nullptr;
  std::uint64_t in_flight_ = 0, most_in_flight_ = 0;
  std::int64_t next_expiry_ns_ = 0;
};

}  // namespace thaw
