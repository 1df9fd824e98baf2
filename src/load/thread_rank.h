#pragma once
// Which of this program's threads goes first when several want the same processor. Works without rights, better with those
// to a negative nice value; where the kernel does not know a rank the thread stays as it is.

namespace thaw {

/// For the thread that sends: its sleeps end on time, and once awake it does not wait for another thread's turn to end. A nice
/// value other than 0 is kept. What the thread starts has the ordinary rank.
void go_first();

/// For threads that read ahead or write down: they run when no other thread of this program wants their processor. What waits
/// for them must sleep, not spin.
void stay_behind();

}  // namespace thaw
