// What a user can do about a database that is not whole.
#pragma once

namespace firesweep {

inline constexpr const char* kRestoreHint =
    "restore a whole backup (docs/schema.md, Restoring a backup)";

}  // namespace firesweep
