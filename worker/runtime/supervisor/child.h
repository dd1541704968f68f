// What every child does between fork and exec, where only async-signal-safe calls are allowed.
#pragma once

#include <sys/types.h>

namespace firesweep {

// Ends with its parent by that signal, and leads a process group of its own. Exits with
// `orphaned` if the parent died before.
void begin_child(pid_t parent, int death_signal, int orphaned);

// Nothing of the parent's stays: descriptors above `last` are closed, no signal is blocked.
void shed_parent(int last);

}  // namespace firesweep
