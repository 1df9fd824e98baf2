#include "platform/instance.h"

#include <algorithm>

#include "platform/function.h"

namespace thaw {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

/// A program is asked whether it listens after a small part of the time that it has taken already.
Nanos pause_between_probes(Nanos elapsed) {
  return std::clamp<Nanos>(elapsed / 8, microseconds(250), milliseconds(20));
}
/// A connection to a machine that is still setting up its network may never be answered.
constexpr Nanos probe_limit = milliseconds(100);
/// A server closes connections that it holds for unused. One that was idle for less was closed because of the request.
constexpr Nanos unused_for = std::chrono::seconds(1);

}  // namespace

Instance::~Instance() {
  if (sandbox_ && sandbox_->end_descriptor() >= 0) with_.loop.forget(sandbox_->end_descriptor(), *this);
}

void Instance::started(std::unique_ptr<Sandbox> sandbox) {
  sandbox_ = std::move(sandbox);
  state_ = State::probing;
  probing_since_ = next_probe_ = with_.keeper.now();
  if (const int end = sandbox_->end_descriptor(); end >= 0) (void)with_.loop.watch(end, EPOLLIN, *this);
}

void Instance::probe(Instant now) {
  if (probe_ != nullptr) {
    if (now - probe_begun_ < probe_limit) {
      next_probe_ = probe_begun_ + probe_limit;
      return;
    }
    discard(*probe_);
    probe_ = nullptr;
  }
  auto upstream = connect(function_.spec.protocol == "h2c");
  if (!upstream) {
    next_probe_ = now + pause_between_probes(now - probing_since_);
    return;
  }
  probe_ = upstream->get();
  probe_begun_ = now;
  next_probe_ = now + probe_limit;
  connections_.push_back(std::move(*upstream));
}

void Instance::resumed() {
  state_ = State::ready;
  send_waiting();
}

void Instance::take(Call& call) {
  call.instance = this;
  ++calls_;
  if (state_ == State::ready) return dispatch(call);
  waiting_.push_back(&call);
  if (state_ == State::paused) with_.keeper.on_wanted(*this);
}

Result<std::unique_ptr<Upstream>> Instance::connect(bool is_http2) {
  return Upstream::connect(with_.loop, *this, sandbox_->endpoint(), with_.answer_bytes, is_http2);
}

bool Instance::needs_http2(const Call& call) const {
  const std::string& protocol = function_.spec.protocol;
  return protocol == "h2c" || (protocol == "auto" && call.is_grpc());
}

void Instance::dispatch(Call& call) {
  const bool is_http2 = needs_http2(call);
  const auto idle = std::find_if(idle_.rbegin(), idle_.rend(),
                                 [&](const Upstream* upstream) { return upstream->is_http2() == is_http2; });
  if (idle != idle_.rend()) {
    Upstream& upstream = **idle;
    idle_.erase(std::next(idle).base());
    call.sent = with_.keeper.now();
    call.was_sent = true;
    return upstream.send(call, function_.spec.name);
  }
  auto upstream = connect(is_http2);
  if (!upstream) return lost_connection(call, upstream.error().what);
  waiting_.push_back(&call);
  connections_.push_back(std::move(*upstream));
}

void Instance::send_waiting() {
  // Each call that needs a connection of its own goes to the end while that is made, so one look at each is enough.
  for (std::size_t left = waiting_.size(); left > 0 && !waiting_.empty() && state_ == State::ready; --left) {
    Call& call = *waiting_.front();
    waiting_.pop_front();
    dispatch(call);
  }
}

void Instance::drop(Call& call) {
  const auto waiting = std::find(waiting_.begin(), waiting_.end(), &call);
  if (waiting != waiting_.end()) waiting_.erase(waiting);
  std::erase_if(cut_, [&](const CutCall& one) { return one.call == &call; });
  for (const auto& connection : connections_) {
    if (connection->call() != &call) continue;
    discard(*connection);
    break;
  }
  finish(call);
}

std::vector<Call*> Instance::all_calls() const {
  std::vector<Call*> all(waiting_.begin(), waiting_.end());
  for (const CutCall& one : cut_) all.push_back(one.call);
  for (const auto& connection : connections_) {
    if (connection->call() != nullptr) all.push_back(connection->call());
  }
  return all;
}

std::shared_ptr<Sandbox> Instance::give_up() {
  if (sandbox_ && sandbox_->end_descriptor() >= 0) with_.loop.forget(sandbox_->end_descriptor(), *this);
  while (!connections_.empty()) discard(*connections_.back());
  waiting_.clear();
  cut_.clear();
  probe_ = nullptr;
  return std::move(sandbox_);
}

std::string Instance::why_cut(const Call& call) const {
  const auto found =
      std::find_if(cut_.begin(), cut_.end(), [&](const CutCall& one) { return one.call == &call; });
  return found == cut_.end() ? std::string() : found->why;
}

void Instance::lost_connection(Call& call, std::string_view why) {
  if (sandbox_->end_descriptor() < 0) {
    finish(call);
    return with_.keeper.on_failed(*this, call, bad_answer, why);
  }
  // A process that ends closes its connections first, and its end is announced a moment later.
  call.done = with_.keeper.now();
  cut_.push_back({&call, std::string(why)});
  with_.keeper.on_cut(*this, call, why);
}

void Instance::finish(Call& call) {
  --calls_;
  call.instance = nullptr;
  idle_since_ = with_.keeper.now();
}

void Instance::on_events(std::uint32_t /*events*/) {
  if (!sandbox_) return;
  if (const auto how = sandbox_->ended()) {
    with_.loop.forget(sandbox_->end_descriptor(), *this);
    with_.keeper.on_ended(*this, *how);
  }
}

void Instance::on_connected(Upstream& upstream) {
  idle_.push_back(&upstream);
  if (&upstream != probe_) {
    if (waiting_.empty()) return;
    Call& call = *waiting_.front();
    waiting_.pop_front();
    return dispatch(call);
  }
  probe_ = nullptr;
  state_ = State::ready;
  with_.keeper.on_ready(*this);
  send_waiting();
}

void Instance::on_answered(Upstream& upstream) {
  Call& call = *upstream.call();
  upstream.release();
  if (upstream.is_usable()) {
    idle_.push_back(&upstream);
  } else {
    discard(upstream);
  }
  finish(call);
  with_.keeper.on_done(*this, call);
}

bool Instance::is_retry_safe(const Upstream& upstream, const Call& call) const {
  return upstream.calls() > 1 && !upstream.has_answer() && !call.was_retried &&
         call.sent - idle_since_ > unused_for;
}

void Instance::on_broken(Upstream& upstream, std::string_view reason, std::string_view why) {
  if (&upstream == probe_) {
    probe_ = nullptr;
    discard(upstream);
    const Instant now = with_.keeper.now();
    next_probe_ = now + pause_between_probes(now - probing_since_);
    return;
  }
  Call* call = upstream.call();
  if (call == nullptr && !upstream.is_connected() && !waiting_.empty()) {
    call = waiting_.front();
    waiting_.pop_front();
  } else if (call != nullptr && is_retry_safe(upstream, *call)) {
    call->was_retried = true;
    discard(upstream);
    return dispatch(*call);
  }
  const std::string sentence(why);
  const bool was_cut = upstream.was_cut();
  discard(upstream);
  if (call == nullptr) return;
  if (was_cut) return lost_connection(*call, sentence);
  finish(*call);
  with_.keeper.on_failed(*this, *call, reason, sentence);
}

std::unique_ptr<Upstream> Instance::take_out(Upstream& upstream) {
  std::erase(idle_, &upstream);
  const auto found = std::find_if(connections_.begin(), connections_.end(),
                                  [&](const auto& connection) { return connection.get() == &upstream; });
  if (found == connections_.end()) return nullptr;
  std::unique_ptr<Upstream> taken = std::move(*found);
  connections_.erase(found);
  return taken;
}

void Instance::discard(Upstream& upstream) {
  upstream.disconnect();
  if (auto taken = take_out(upstream)) with_.loop.bury(std::move(taken));
}

}  // namespace thaw
