#include "load/async_answers.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "core/text.h"
#include "load/answer.h"
#include "load/loopback_http.h"

namespace thaw {
namespace {

constexpr std::size_t most_at_once = 50;
constexpr Nanos fetch_limit = std::chrono::seconds(5);
constexpr Nanos look = std::chrono::milliseconds(100);

std::uint32_t whole_us(std::int64_t us) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(us, 0, UINT32_MAX));
}

}  // namespace

Result<AsyncAnswers> AsyncAnswers::create(const AsyncRequest& request) {
  auto url = parse_url(request.url);
  if (!url) return tl::unexpected(std::move(url).error().in("--async-answers"));
  if (url->scheme != "http")
    return fail_at(ErrorKind::bad_usage, "answers are fetched in clear text", "--async-answers",
                   "use http://");
  THAW_TRY(const Endpoint endpoint, resolve(url->host, url->port));
  return AsyncAnswers(*std::move(url), endpoint, request.wait);
}

void AsyncAnswers::take(const Invocation& invocation) {
  const std::string identity = std::exchange(identity_, {});
  const bool is_accepted = invocation.cause == Cause::none && !invocation.is_in_flight();
  if (!is_accepted || identity.empty()) return sink_->take(invocation);
  accepted_.push_back({invocation, identity});
}

void AsyncAnswers::collect(Clock& clock, const std::function<bool()>& is_stopped) {
  const MonotonicTime begin = clock.now() + wait_;
  while (!accepted_.empty() && clock.now() < begin && !is_stopped())
    clock.sleep_until(std::min(begin, clock.now() + look));
  std::atomic<std::size_t> next{0};
  std::atomic<bool> is_over{is_stopped()};
  const auto fetch_some = [&] {
    for (std::size_t i = next++; i < accepted_.size() && !is_over; i = next++) fetch(accepted_[i], clock);
  };
  std::vector<std::thread> fetchers(std::min(most_at_once, accepted_.size()));
  for (std::thread& fetcher : fetchers) fetcher = std::thread(fetch_some);
  while (next < accepted_.size() && !is_over) {
    is_over = is_stopped();
    clock.sleep_until(clock.now() + std::chrono::milliseconds(5));
  }
  for (std::thread& fetcher : fetchers) fetcher.join();
  for (Accepted& one : accepted_) {
    if (one.invocation.fetch_us == 0) one.invocation.done_ns = missing_ns;  // Nobody asked any more.
    sink_->take(one.invocation);
  }
  accepted_.clear();
}

void AsyncAnswers::fetch(Accepted& one, Clock& clock) const {
  Invocation& invocation = one.invocation;
  const MonotonicTime begin = clock.now();
  ResponseReader reader;
  const Result<> fetched =
      exchange(url_, endpoint_, {"GET", "text/plain", one.identity, fetch_limit}, reader);
  const std::int64_t took_us = std::max<std::int64_t>(1, (clock.now() - begin).count() / 1000);
  invocation.fetch_us = whole_us(took_us);
  if (fetched) {
    invocation.platform_us = whole_us(parse_integer(reader.header("duration-microseconds")).value_or(0));
    read_answer({reader.header("x-thaw-cold"), reader.header("x-thaw-instance"), reader.body()}, invocation);
  }
  // The predecessor takes no body for an invocation that has not ended yet.
  if (!fetched || reader.body().empty()) {
    invocation.cause = Cause::function_timeout;
  } else if (reader.status() / 100 != 2) {
    invocation.status = static_cast<std::uint16_t>(reader.status());
    invocation.cause = cause_of_status(reader.header("x-thaw-error"));
  }
  invocation.done_ns += std::int64_t{1000} * (invocation.platform_us + invocation.fetch_us);
}

}  // namespace thaw
