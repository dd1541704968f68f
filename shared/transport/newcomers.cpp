#include "shared/transport/newcomers.h"

#include <algorithm>

namespace firesweep {

using Seconds = std::chrono::duration<double>;

void Newcomers::forgive(Time now) {
  level_ = std::max(0.0, level_ - Seconds(now - when_).count() * kForgivenPerS);
  when_ = now;
}

void Newcomers::accepted(Time now) {
  forgive(now);
  level_ += 1;
}

void Newcomers::admitted(Time now) {
  forgive(now);
  level_ = std::max(0.0, level_ - 1);
}

bool Newcomers::closed(Time now) {
  forgive(now);
  if (level_ >= kMost) closed_ = true;
  if (level_ <= kAgain) closed_ = false;
  return closed_;
}

Newcomers::Time Newcomers::opens_at() const {
  const Seconds left((level_ - kAgain) / kForgivenPerS);
  return when_ + std::chrono::ceil<std::chrono::milliseconds>(std::max(left, Seconds(0)));
}

}  // namespace firesweep
