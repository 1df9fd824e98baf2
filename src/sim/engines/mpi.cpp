#include <algorithm>
#include <optional>
#include <utility>

#include "core/process.h"
#include "core/text.h"
#include "sim/crew.h"
#include "sim/engine.h"
#include "sim/engines/mpi_helper.h"
#include "sim/engines/mpi_link.h"
#include "sim/results_gate.h"

namespace thaw::engines {
namespace {

using Kind = MpiMessageKind;

/// Another rank as rank 0 sees it.
struct HelperRank {
  std::string host;
  std::vector<PointQueue::Place> workers;
};

std::uint64_t to_number(const std::string& text) {
  return static_cast<std::uint64_t>(parse_integer(text).value_or(0));
}

/// Rank 0 during one sweep: its own threads compute like those of the others, and this one answers messages.
class Leader {
 public:
  Leader(MpiLink& link, const EngineSettings& settings, SweepRecord& record, Clock& clock,
         const EngineObserver& observer)
      : link_(link),
        settings_(settings),
        record_(record),
        clock_(clock),
        observer_(observer),
        sink_([&record](const FinishedPoint& point) { return record.add(point); }),
        gate_(sink_, observer.on_progress),
        helpers_(static_cast<std::size_t>(link.ranks())) {}

  Result<EngineEnd> run() {
    THAW_CHECK(greet());
    if (interrupt_signal() != 0) return EngineEnd::interrupted;
    THAW_CHECK(open_queue());
    Crew crew(record_.configuration(), settings_.limits, clock_);
    std::vector<std::unique_ptr<WorkDesk>> desks;
    for (unsigned i = 0; i < workers_of_rank(settings_.limits); ++i)
      desks.push_back(make_local_desk(*queue_, gate_));
    crew.start(std::move(desks));
    PollPause pause(clock_);
    while (interrupt_signal() == 0 && (working_ > 0 || !crew.is_done())) {
      THAW_TRY(const bool has_heard, hear());
      // A failure of our own threads ends the sweep without waiting for the others.
      if (crew.is_done()) THAW_CHECK(crew.join());
      pause.rest(has_heard);
    }
    THAW_CHECK(crew.join());
    return interrupt_signal() != 0 ? EngineEnd::interrupted : EngineEnd::finished;
  }

 private:
  /// Waits until every rank has told who it is.
  Result<> greet() {
    PollPause pause(clock_);
    for (int known = 1; known < link_.ranks() && interrupt_signal() == 0;) {
      THAW_TRY(const auto message, link_.receive());
      if (message && message->kind == Kind::hello) {
        THAW_CHECK(welcome(*message));
        ++known;
      }
      pause.rest(message.has_value());
    }
    return {};
  }

  Result<> welcome(const MpiMessage& hello) {
    const std::string& version = hello.texts[0];
    HelperRank& helper = helpers_[static_cast<std::size_t>(hello.rank)];
    helper.host = hello.texts[1];
    if (version != settings_.version) {
      return fail_at(ErrorKind::environment,
                     fmt::format("thaw is {} there and {} on rank 0", version, settings_.version),
                     fmt::format("rank {} on {}", hello.rank, helper.host),
                     "install the same version on every host");
    }
    helper.workers.resize(to_number(hello.texts[2]));
    working_ += helper.workers.size();
    return {};
  }

  /// From here on the others may ask for points.
  Result<> open_queue() {
    const std::vector<std::uint64_t> todo = record_.missing();
    queue_.emplace(record_.configuration(), todo, working_ + workers_of_rank(settings_.limits),
                   settings_.limits.most_per_pass);
    if (link_.ranks() == 1) {
      observer_.on_note("this is the only rank; mpirun -n N starts more");
    }
    const std::string configuration = to_json(record_.configuration()).dump();
    for (int rank = 1; rank < link_.ranks(); ++rank) {
      THAW_CHECK(link_.send(rank, Kind::configuration, {configuration}));
    }
    return {};
  }

  Result<bool> hear() {
    THAW_TRY(const auto message, link_.receive());
    if (!message) return false;
    const std::vector<std::string>& texts = message->texts;
    switch (message->kind) {
      case Kind::next:
        THAW_CHECK(hand_out(*message, texts[1].empty() ? BatchSize::guided : BatchSize::share));
        break;
      case Kind::fill_up:
        THAW_CHECK(send_points(*message, queue_->fill_up(place_of(*message))));
        break;
      case Kind::finished:
        THAW_CHECK(gate_.pass({to_number(texts[0]), texts[1], texts[2], texts[3], texts[4], texts[5]}));
        break;
      case Kind::progress:
        gate_.add_progress(to_number(texts[0]));
        break;
      case Kind::failed:
        return failure_of(*message);
      default:
        break;
    }
    return true;
  }

  PointQueue::Place& place_of(const MpiMessage& message) {
    return helpers_[static_cast<std::size_t>(message.rank)].workers[to_number(message.texts[0])];
  }

  Result<> hand_out(const MpiMessage& message, BatchSize size) {
    const std::vector<std::uint64_t> points = queue_->next(place_of(message), size);
    if (points.empty()) --working_;
    return send_points(message, points);
  }

  Result<> send_points(const MpiMessage& message, const std::vector<std::uint64_t>& points) {
    std::vector<std::string> texts = {message.texts[0]};
    for (const std::uint64_t point : points) texts.push_back(std::to_string(point));
    return link_.send(message.rank, Kind::points, texts);
  }

  tl::unexpected<Error> failure_of(const MpiMessage& message) const {
    const std::vector<std::string>& texts = message.texts;
    const std::string& host = helpers_[static_cast<std::size_t>(message.rank)].host;
    return fail_at(static_cast<ErrorKind>(to_number(texts[0])),
                   fmt::format("{} (rank {} on {})", texts[1], message.rank, host), texts[2], texts[3]);
  }

  MpiLink& link_;
  const EngineSettings& settings_;
  SweepRecord& record_;
  Clock& clock_;
  const EngineObserver& observer_;
  PointSink sink_;
  ResultsGate gate_;
  std::vector<HelperRank> helpers_;  ///< By rank; that of rank 0 is not used.
  std::size_t working_ = 0;          ///< Workers of other ranks that have not been told that nothing is left.
  std::optional<PointQueue> queue_;
};

class MpiEngine final : public SweepEngine {
 public:
  explicit MpiEngine(const EngineSettings& settings) : settings_(settings) {}
  ~MpiEngine() override {
    if (link_ && link_->rank() == 0) part();
  }

  Result<EngineRole> join() override {
    THAW_TRY(MpiLink link, MpiLink::open());
    link_.emplace(std::move(link));
    // MPI has its own idea of signals; ours is that finished rows are kept.
    install_interrupt_handlers();
    clock_ = &system_clock();
    return link_->rank() == 0 ? EngineRole::leader : EngineRole::helper;
  }

  Result<> help(Clock& clock) override {
    THAW_CHECK(help_over_mpi(*link_, settings_, clock));
    if (interrupt_signal() != 0) return {};
    THAW_CHECK(link_->send(0, Kind::gone, {}));
    return link_->finish();
  }

  Result<EngineEnd> run(SweepRecord& record, Clock& clock, const EngineObserver& observer) override {
    if (record.missing().empty()) return EngineEnd::finished;
    return Leader(*link_, settings_, record, clock, observer).run();
  }

  std::vector<std::string> describe(const SweepConfiguration& /*configuration*/,
                                    std::span<const std::uint64_t> todo) const override {
    return {fmt::format("{} points by the ranks of mpirun, each with {} threads", todo.size(),
                        workers_of_rank(settings_.limits))};
  }

 private:
  /// Sends the others away and ends MPI with them. Where one is gone already mpirun is about to end all of them.
  void part() {
    for (int rank = 1; rank < link_->ranks(); ++rank) {
      if (!link_->send(rank, Kind::end, {})) return;
    }
    const MonotonicTime deadline = clock_->now() + std::chrono::seconds(interrupt_signal() != 0 ? 1 : 30);
    PollPause pause(*clock_);
    for (int present = link_->ranks() - 1; present > 0;) {
      auto message = link_->receive();
      if (!message) return;
      if (*message && (*message)->kind == Kind::gone) --present;
      if (clock_->now() > deadline) return;
      pause.rest(message->has_value());
    }
    static_cast<void>(link_->finish());
  }

  EngineSettings settings_;
  std::optional<MpiLink> link_;
  Clock* clock_ = nullptr;
};

}  // namespace

std::unique_ptr<SweepEngine> make_mpi(const EngineSettings& settings) {
  return std::make_unique<MpiEngine>(settings);
}

}  // namespace thaw::engines
