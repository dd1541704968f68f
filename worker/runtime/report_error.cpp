#include "worker/runtime/report_error.h"

#include <iostream>

#include "shared/base/utf8.h"
#include "worker/runtime/exit_codes.h"

namespace firesweep {

int report_error(const Error& error) {
  std::cerr << "firesweep-worker: " << (error.where.empty() ? "" : printable(error.where) + ": ")
            << printable(error.what) << "\n";
  if (!error.hint.empty()) std::cerr << "  " << printable(error.hint) << "\n";
  std::cerr << std::flush;
  return error.code == ErrorCode::kUnavailable ? kWorkerFailed : kWorkerUsage;
}

}  // namespace firesweep
