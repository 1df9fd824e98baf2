#include "sim/engines/mpi_helper.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <utility>

#include "core/process.h"
#include "core/text.h"
#include "record/json_text.h"
#include "sim/crew.h"

namespace thaw {
namespace {

using Kind = MpiMessageKind;

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "an unknown host";
  return name.data();
}

/// What the workers of a rank want to say, and the answers that have come for them.
class Mailbox {
 public:
  explicit Mailbox(std::size_t workers) : answers_(workers) {}

  void post(Kind kind, std::vector<std::string> texts) {
    const std::lock_guard lock(mutex_);
    if (!is_closed_) letters_.push_back({kind, 0, std::move(texts)});
  }
  std::deque<MpiMessage> take_letters() {
    const std::lock_guard lock(mutex_);
    return std::exchange(letters_, {});
  }
  /// Posts a request and waits for its answer; empty when the mailbox is closed.
  std::vector<std::uint64_t> ask(std::size_t worker, Kind kind, std::vector<std::string> texts) {
    post(kind, std::move(texts));
    std::unique_lock lock(mutex_);
    has_changed_.wait(lock, [&] { return is_closed_ || answers_[worker].has_value(); });
    return std::exchange(answers_[worker], std::nullopt).value_or(std::vector<std::uint64_t>());
  }
  void answer(std::size_t worker, std::vector<std::uint64_t> points) {
    const std::lock_guard lock(mutex_);
    answers_[worker] = std::move(points);
    has_changed_.notify_all();
  }
  void close() {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    letters_.clear();
    has_changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable has_changed_;
  std::deque<MpiMessage> letters_;
  std::vector<std::optional<std::vector<std::uint64_t>>> answers_;
  bool is_closed_ = false;
};

class RemoteDesk final : public WorkDesk {
 public:
  RemoteDesk(Mailbox& mailbox, std::size_t worker) : mailbox_(mailbox), worker_(worker) {}

  std::vector<std::uint64_t> next(bool is_streamed) override {
    return mailbox_.ask(worker_, Kind::next, {std::to_string(worker_), is_streamed ? "1" : ""});
  }
  std::vector<std::uint64_t> fill_up() override {
    return mailbox_.ask(worker_, Kind::fill_up, {std::to_string(worker_)});
  }
  Result<> hand_in(FinishedPoint point) override {
    tell_progress();
    mailbox_.post(Kind::finished,
                  {std::to_string(point.index), std::move(point.row), std::move(point.function_rows),
                   std::move(point.timing), std::move(point.timeline), std::move(point.server_rows)});
    return {};
  }
  void add_progress(std::uint64_t invocations) override {
    // A message for each block would be more messages than work.
    untold_ += invocations;
    if (untold_ >= 10'000'000) tell_progress();
  }

 private:
  void tell_progress() { mailbox_.post(Kind::progress, {std::to_string(std::exchange(untold_, 0))}); }

  Mailbox& mailbox_;
  std::size_t worker_;
  std::uint64_t untold_ = 0;
};

class Helper {
 public:
  Helper(MpiLink& link, const EngineSettings& settings, Clock& clock)
      : link_(link), settings_(settings), clock_(clock), mailbox_(workers_of_rank(settings.limits)) {}

  Result<> run() {
    THAW_CHECK(link_.send(
        0, Kind::hello, {settings_.version, host_name(), std::to_string(workers_of_rank(settings_.limits))}));
    PollPause pause(clock_);
    while (!is_over_ && interrupt_signal() == 0) {
      THAW_TRY(const bool has_heard, hear());
      THAW_TRY(const bool has_said, speak());
      pause.rest(has_heard || has_said);
    }
    mailbox_.close();
    crew_.reset();
    return {};
  }

 private:
  Result<bool> hear() {
    THAW_TRY(auto message, link_.receive());
    if (!message) return false;
    if (message->kind == Kind::end) is_over_ = true;
    if (message->kind == Kind::configuration) {
      if (auto begun = begin(message->texts.front()); !begun) THAW_CHECK(report(begun.error()));
    }
    if (message->kind == Kind::points) deliver(message->texts);
    return true;
  }

  Result<bool> speak() {
    const bool is_done = crew_ && !has_reported_ && crew_->is_done();
    const auto letters = mailbox_.take_letters();
    for (const MpiMessage& letter : letters) THAW_CHECK(link_.send(0, letter.kind, letter.texts));
    if (is_done) {
      has_reported_ = true;
      if (auto done = crew_->join(); !done) THAW_CHECK(report(done.error()));
    }
    return !letters.empty();
  }

  Result<> begin(const std::string& text) {
    THAW_TRY(const auto json, parse_json_text(text, "configuration"));
    THAW_TRY(configuration_, sweep_configuration_from(json));
    crew_.emplace(configuration_, settings_.limits, clock_);
    std::vector<std::unique_ptr<WorkDesk>> desks;
    for (std::size_t worker = 0; worker < workers_of_rank(settings_.limits); ++worker) {
      desks.push_back(std::make_unique<RemoteDesk>(mailbox_, worker));
    }
    crew_->start(std::move(desks));
    return {};
  }

  Result<> report(const Error& error) {
    return link_.send(0, Kind::failed,
                      {std::to_string(static_cast<int>(error.kind)), error.what, error.where, error.hint});
  }

  void deliver(const std::vector<std::string>& texts) {
    std::vector<std::uint64_t> points;
    for (std::size_t i = 1; i < texts.size(); ++i) {
      points.push_back(static_cast<std::uint64_t>(parse_integer(texts[i]).value_or(0)));
    }
    mailbox_.answer(static_cast<std::size_t>(parse_integer(texts[0]).value_or(0)), std::move(points));
  }

  MpiLink& link_;
  const EngineSettings& settings_;
  Clock& clock_;
  Mailbox mailbox_;
  SweepConfiguration configuration_;
  std::optional<Crew> crew_;
  bool has_reported_ = false;
  bool is_over_ = false;
};

}  // namespace

Result<> help_over_mpi(MpiLink& link, const EngineSettings& settings, Clock& clock) {
  return Helper(link, settings, clock).run();
}

}  // namespace thaw
