// Counts Ctrl-C, SIGTERM, SIGHUP (the terminal is gone), SIGUSR1 and SIGUSR2 (Slurm's warnings),
// for a loop to read. The handler only counts.
#pragma once

namespace firesweep {

// Installs the handlers (without SA_RESTART, so that polls return) and ignores SIGPIPE. If SIGHUP
// was ignored, as under nohup, it stays ignored.
void catch_interrupts();

// How often the process was asked to end, and the last signal (0: none yet). Safe from any thread.
int interrupts();
int last_interrupt_signal();

}  // namespace firesweep
