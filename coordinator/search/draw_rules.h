// From which version of the rules (presets.h) on points are drawn so.
#pragma once

namespace firesweep {

inline constexpr int kFirstOfFiniteSpaces = 3;  // finitely many points in a random order
inline constexpr int kFirstWithoutRepeats = 4;  // no point again that was drawn before
inline constexpr int kFirstOfRefusedNetworks =
    6;                                   // a method that learns refuses a variant that never fits
inline constexpr int kFirstOfSteps = 6;  // what learns tells the steps of "q_…" apart
inline constexpr int kFirstOfTrainings = 7;  // no point that trains the same in other words
inline constexpr int kFirstOfCountedTrainings =
    8;  // a method that learns refuses a variant that hardly ever fits, and ends with what differs

}  // namespace firesweep
