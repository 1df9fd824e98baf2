#pragma once
// Which of this program's threads goes first when several want the same processor. Needs no rights; where the kernel does not
// know a rank the thread stays as it is.

namespace thaw {

/// For the thread that sends: its sleeps end on time, and once awake it does not wait for another thread's turn to end.
void go_first();

/// For threads that read ahead or write down: they run when no other thread of this program wants their processor. What waits
/// for them must sleep, not spin.
void stay_behind();

}  // namespace thaw
