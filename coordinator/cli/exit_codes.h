// What the shell is told.
#pragma once

namespace firesweep {

inline constexpr int kDone = 0;
inline constexpr int kFailedWhileRunning = 1;
inline constexpr int kNothingBegan = 2;  // usage, bad spec, port in use, path not writable
inline constexpr int kSweepFailed = 3;   // the sweep ended, but failed its own terms
inline constexpr int kInterrupted = 130;

}  // namespace firesweep
