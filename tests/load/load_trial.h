#pragma once
// Sends a few invocations to a server with the real pacer and the real clock, and keeps what came of each.

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "load/pacer.h"
#include "load/target.h"
#include "load/workers.h"

namespace thaw::tests {

/// The given invocations, in order.
class ListedInvocations final : public InvocationPlan {
 public:
  explicit ListedInvocations(std::vector<Invocation> all) : all_(std::move(all)) {}
  Result<const Invocation*> next() override { return next_ < all_.size() ? &all_[next_++] : nullptr; }

 private:
  std::vector<Invocation> all_;
  std::size_t next_ = 0;
};

/// So many invocations of function 0, so far apart.
inline std::vector<Invocation> spaced(std::size_t count, Nanos gap) {
  std::vector<Invocation> all(count);
  for (std::size_t i = 0; i < count; ++i) {
    all[i].number = static_cast<std::uint32_t>(i);
    all[i].intended_ns = static_cast<std::int64_t>(i) * gap.count();
  }
  return all;
}

/// Keeps everything.
class KeptInvocations final : public InvocationSink {
 public:
  void take(const Invocation& invocation) override { all.push_back(invocation); }
  std::vector<Invocation> all;
};

class LoadTrial {
 public:
  TargetOptions target;
  SenderOptions sender{.connect_timeout = std::chrono::seconds(5),
                       .function_timeout = std::chrono::seconds(5)};
  PacerOptions pacer{.drain = std::chrono::seconds(10)};
  SenderHealth health;
  std::vector<TraceFunction> functions = std::vector<TraceFunction>(1);

  explicit LoadTrial(std::string url) {
    target.url = std::move(url);
    functions.front().name = "function";
  }
  /// A function at each of these places.
  explicit LoadTrial(std::vector<std::string> urls) : functions(urls.size()) {
    target.urls = std::move(urls);
  }

  /// Everything in the order in which it ended.
  std::vector<Invocation> send(std::vector<Invocation> all) {
    LoadTarget rendered = LoadTarget::create(target, functions).value();
    const auto worker = make_worker(rendered, sender, system_clock()).value();
    ListedInvocations plan(std::move(all));
    KeptInvocations kept;
    Pacer paced(*worker, pacer, system_clock(), kept);
    const auto sent = paced.run(plan, system_clock().now(), [] { return false; });
    EXPECT_TRUE(sent);
    health = worker->health();
    return kept.all;
  }
  Invocation send_one() {
    const auto all = send(spaced(1, Nanos{}));
    EXPECT_EQ(all.size(), 1U);
    return all.empty() ? Invocation{} : all.front();
  }
};

}  // namespace thaw::tests
