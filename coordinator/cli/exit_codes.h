// The exit codes of firesweep.
#pragma once

namespace firesweep {

inline constexpr int kDone = 0;
inline constexpr int kFailedWhileRunning = 1;
inline constexpr int kNothingBegan = 2;  // usage, bad spec, port in use, path not writable
inline constexpr int kSweepFailed = 3;   // too many failed trials, or no trial that succeeded
inline constexpr int kInterrupted = 130;

}  // namespace firesweep
