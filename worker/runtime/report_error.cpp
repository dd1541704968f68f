#include "worker/runtime/report_error.h"

#include <iostream>

#include "worker/runtime/exit_codes.h"

namespace firesweep {

int report_error(const Error& error) {
  std::cerr << "firesweep-worker: " << (error.where.empty() ? "" : error.where + ": ") << error.what
            << "\n";
  if (!error.hint.empty()) std::cerr << "  " << error.hint << "\n";
  std::cerr << std::flush;
  return error.code == ErrorCode::kUnavailable ? kWorkerFailed : kWorkerUsage;
}

}  // namespace firesweep
