// How firesweep-worker tells a person what went wrong.
#pragma once

#include "shared/base/error.h"

namespace firesweep {

// Prints "firesweep-worker: where: what" and the hint on a line of its own to standard error.
// Returns the exit code: kWorkerUsage where the input or its place is wrong and nothing began,
// kWorkerFailed where a peer could not be reached.
int report_error(const Error& error);

}  // namespace firesweep
