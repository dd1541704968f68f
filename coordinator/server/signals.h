// Ctrl-C, SIGTERM, SIGHUP (the terminal is gone), SIGUSR1 and SIGUSR2 (Slurm's warnings) as a
// counter that a loop may read. The handler only counts.
#pragma once

namespace firesweep {

// Installs the handlers (no SA_RESTART, so that polls return) and ignores SIGPIPE. SIGHUP stays
// ignored where it was, as under nohup.
void catch_interrupts();

// How often the process was asked to end, and by which signal last (0: not yet). Safe from any
// thread.
int interrupts();
int last_interrupt_signal();

}  // namespace firesweep
