#include "trace/trace.h"

#include <algorithm>

namespace thaw {
namespace {

constexpr std::size_t block_size = 16384;

class TraceSource final : public InvocationSource {
 public:
  explicit TraceSource(const InvocationBlock& all) : all_(all) {}

  Result<> next(InvocationBlock& block) override {
    const std::size_t end = std::min(position_ + block_size, all_.size());
    copy_part(all_.time_ms, block.time_ms, end);
    copy_part(all_.function, block.function, end);
    if (!all_.duration_ms.empty()) copy_part(all_.duration_ms, block.duration_ms, end);
    position_ = end;
    return {};
  }

 private:
  template <class T>
  void copy_part(const std::vector<T>& from, std::vector<T>& to, std::size_t end) const {
    to.assign(from.begin() + static_cast<std::ptrdiff_t>(position_),
              from.begin() + static_cast<std::ptrdiff_t>(end));
  }

  const InvocationBlock& all_;
  std::size_t position_ = 0;
};

}  // namespace

std::unique_ptr<InvocationSource> source_of(const Trace& trace) {
  return std::make_unique<TraceSource>(trace.invocations);
}

}  // namespace thaw
