// Prints the errors of firesweep-worker.
#pragma once

#include "shared/base/error.h"

namespace firesweep {

// Prints "firesweep-worker: where: what" and, on the next line, the hint to standard error. Returns
// the exit code: kWorkerUsage if the input is wrong and nothing began, kWorkerFailed if a peer
// could not be reached.
int report_error(const Error& error);

}  // namespace firesweep
