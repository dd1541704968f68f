// Which source this program was built from. Recorded with every trial.
#pragma once

#include <string_view>

namespace firesweep {

// The commit's first 12 digits, with "-dirty" where the tree had changes, or "unknown" where it was
// built outside git. Pure; safe from any thread.
std::string_view build_commit();

}  // namespace firesweep
