#include <algorithm>
#include <thread>

#include "core/process.h"
#include "sim/engine.h"

namespace thaw::engines {
namespace {

class LocalEngine final : public SweepEngine {
 public:
  explicit LocalEngine(const EngineSettings& settings) : limits_(settings.limits) {}

  Result<EngineEnd> run(SweepRecord& record, Clock& clock, const EngineObserver& observer) override {
    THAW_CHECK(run_points(
        record.configuration(), record.missing(), limits_, clock,
        [&record](const FinishedPoint& point) { return record.add(point); }, observer.on_progress));
    return interrupt_signal() != 0 ? EngineEnd::interrupted : EngineEnd::finished;
  }

  std::vector<std::string> describe(const SweepConfiguration& /*configuration*/,
                                    std::span<const std::uint64_t> todo) const override {
    const std::size_t wanted =
        limits_.workers != 0 ? limits_.workers : std::max(1U, std::thread::hardware_concurrency());
    return {
        fmt::format("{} points by {} threads of this process", todo.size(), std::min(wanted, todo.size()))};
  }

 private:
  SweepLimits limits_;
};

}  // namespace

std::unique_ptr<SweepEngine> make_local(const EngineSettings& settings) {
  return std::make_unique<LocalEngine>(settings);
}

}  // namespace thaw::engines
