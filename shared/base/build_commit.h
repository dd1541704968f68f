// The commit that this program was built from. It is recorded with every trial.
#pragma once

#include <string_view>

namespace firesweep {

// The commit's first 12 digits, followed by "-dirty" if the tree had changes. "unknown" if it was
// built outside git. Pure; safe from any thread.
std::string_view build_commit();

}  // namespace firesweep
