#pragma once
// The thread that thaw-spawn and all that it starts belong to, and that repetitions are best run on.

#include <functional>
#include <memory>

#include "core/processor_hold.h"

namespace thaw {

/// A thread that lives as long as this process. Two things of the kernel ask for it. It takes the thread that started
/// thaw-spawn, not its process, for the parent of all children, and sends them their death signal (PR_SET_PDEATHSIG) when
/// that thread ends. And it remembers for some 50 ms how busy each thread has been (the load of an entity halves every 32 ms)
/// and moves a program, when it is executed, away from a processor whose threads were busy: away from a main thread that
/// has just read its options and files, to where nothing is warm and each wake-up has to reach another processor. This
/// thread has done nothing. So that the kernel does not take it for busy either, it is made on the processor of the
/// main thread: what a new thread is taken for is half of what that processor has left.
class LaunchThread {
 public:
  /// Begins with `birth`, on the processor of the caller, which need not be held there; then it uses those of `place`.
  /// REQUIRES: signals are blocked, so that none is delivered to it but during run(). Throws std::system_error when there
  /// can be no more threads.
  LaunchThread(std::function<void()> birth, const ProcessorHold& place);

  /// Runs the work there, with the caller's signal mask, and returns when it is done; the caller gets no signals
  /// meanwhile. Callers take turns. Calls from within the work run at once. What the work throws is thrown.
  void run(const std::function<void()>& work);

 private:
  struct Desk;
  std::shared_ptr<Desk> desk_;
};

}  // namespace thaw
