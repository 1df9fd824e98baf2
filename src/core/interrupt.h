#pragma once
// The interrupt as those see it who wait in poll; see interrupt_signal() and install_interrupt_handlers() in process.h.

namespace thaw {

/// Readable from the first interrupt on, whichever thread the kernel gave it to; -1 before there are handlers.
int interrupt_descriptor();

/// Makes it unreadable, when interrupt_signal() has been set back.
void forget_interrupt();

}  // namespace thaw
