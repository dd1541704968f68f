// How many connections may be begun by those who then prove nothing. Internal to the room.
#pragma once

#include <chrono>
#include <cstdint>

namespace firesweep {

// Counts connections that were accepted and whose key was not admitted yet. A leaky bucket: each is
// forgiven after a while, at once where its key is admitted. Pure; times never go back.
class Newcomers {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr double kMost = 1000;  // at once; then nobody is accepted
  static constexpr double kAgain = 500;  // until so many are left
  static constexpr double kForgivenPerS = 2000;

  void accepted(Time now);
  void admitted(Time now);
  // Whether nobody may be accepted now; it changes with time.
  bool closed(Time now);
  // When that ends, if nothing happens; for a closed one.
  Time opens_at() const;

 private:
  void forgive(Time now);

  double level_ = 0;
  Time when_{};
  bool closed_ = false;
};

}  // namespace firesweep
