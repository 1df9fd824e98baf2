#include "functions/trace_work.h"

#include <sys/mman.h>

#include <algorithm>
#include <cmath>

namespace thaw::functions {
namespace {

constexpr int roots_per_round = 100;
constexpr std::size_t page_bytes = 4096;
constexpr Nanos grain = std::chrono::microseconds(20);
/// Waiting and computing take turns, but no turn is shorter than this.
constexpr Nanos shortest_turn = std::chrono::milliseconds(1);
constexpr int most_turns = 8;

void touch(const WorkMemory::Piece& piece, std::size_t bytes) {
  for (std::size_t at = 0; at < bytes; at += page_bytes) {
    static_cast<volatile char*>(piece.begin)[at] = static_cast<char>(at >> 12);
  }
}

/// Spins until `elapsed` says that `goal` is reached.
template <class Elapsed>
void spin_until(Nanos goal, Elapsed elapsed) {
  double ns_per_round = 1000;  // A guess; the first piece corrects it.
  std::uint64_t rounds = 1;
  Nanos before = elapsed();
  while (before < goal) {
    spin(rounds);
    const Nanos now = elapsed();
    const double took = static_cast<double>((now - before).count()) / static_cast<double>(rounds);
    if (took > 0) ns_per_round = took;
    const auto left = static_cast<double>(std::min(goal - now, grain).count());
    rounds = static_cast<std::uint64_t>(std::max(left / ns_per_round, 1.0));
    before = now;
  }
}

/// Computes and waits in turn.
void take_turns(const TraceCall& call, Clock& clock, Nanos cpu_begin, MonotonicTime begin) {
  const auto part = [](Nanos whole, double share) {
    return Nanos(std::llround(static_cast<double>(whole.count()) * share));
  };
  const double wait_share = call.mode == TraceCall::Mode::sleep ? 1.0 : call.io_share;
  const Nanos computing = part(call.runtime, 1 - wait_share);
  const Nanos waiting = call.runtime - computing;
  const bool is_mixed = computing > Nanos(0) && waiting > Nanos(0);
  const auto fitting = static_cast<int>(std::min<std::int64_t>(call.runtime / shortest_turn, most_turns));
  const int turns = is_mixed ? std::max(fitting, 1) : 1;
  Nanos waited{};  // Not counted as computing by the wall clock.
  for (int turn = 1; turn <= turns; ++turn) {
    const double share = static_cast<double>(turn) / turns;
    if (call.multiplier > 0) {
      const double ms = static_cast<double>(computing.count()) / 1e6 / turns;
      spin(static_cast<std::uint64_t>(std::llround(ms * static_cast<double>(call.multiplier))));
    } else if (call.mode == TraceCall::Mode::wall) {
      spin_until(part(computing, share), [&] { return clock.now() - begin - waited; });
    } else {
      spin_until(part(computing, share), [&] { return thread_cpu_time() - cpu_begin; });
    }
    if (waiting == Nanos(0)) continue;
    const MonotonicTime now = clock.now();
    clock.sleep_until(now + part(waiting, share) - part(waiting, static_cast<double>(turn - 1) / turns));
    waited += clock.now() - now;
  }
}

}  // namespace

void spin(std::uint64_t rounds) {
  double value = 2;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    for (int i = 0; i < roots_per_round; ++i) {
      value = std::sqrt(value) + 1;
      asm volatile("" : "+m"(value));  // Each root waits for the one before, and none is left out.
    }
  }
}

WorkMemory::~WorkMemory() {
  for (const Piece& piece : idle_) ::munmap(piece.begin, piece.bytes);
}

WorkMemory::Piece WorkMemory::take(std::size_t bytes) {
  bytes = (bytes + page_bytes - 1) / page_bytes * page_bytes;
  Piece piece;
  {
    const std::scoped_lock lock(mutex_);
    if (!idle_.empty()) {
      piece = idle_.back();
      idle_.pop_back();
    }
  }
  if (piece.bytes >= bytes) return piece;
  void* const grown = piece.begin == nullptr
                          ? ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                          : ::mremap(piece.begin, piece.bytes, bytes, MREMAP_MAYMOVE);
  if (grown != MAP_FAILED) return {static_cast<char*>(grown), bytes};
  if (piece.begin != nullptr) give_back(piece);
  return {};
}

void WorkMemory::give_back(Piece piece) {
  if (!is_kept_) {
    ::munmap(piece.begin, piece.bytes);
    return;
  }
  const std::scoped_lock lock(mutex_);
  idle_.push_back(piece);
}

WorkReport perform(const TraceCall& call, Clock& clock, WorkMemory& memory) {
  const Nanos cpu_begin = thread_cpu_time();
  const MonotonicTime begin = clock.now();
  WorkReport report{.memory = call.memory};
  const auto bytes = static_cast<std::size_t>(call.memory.count());
  WorkMemory::Piece piece;
  if (bytes > 0) {
    piece = memory.take(bytes);
    report.could_have_memory = piece.begin != nullptr;
    if (!report.could_have_memory) return report;
    touch(piece, bytes);
  }
  if (call.runtime > Nanos(0)) take_turns(call, clock, cpu_begin, begin);
  if (bytes > 0) memory.give_back(piece);
  report.cpu = thread_cpu_time() - cpu_begin;
  report.wall = clock.now() - begin;
  return report;
}

}  // namespace thaw::functions
