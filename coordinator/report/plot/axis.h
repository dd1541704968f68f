// Axes: from data to pixels, with ticks a person would choose. Pure.
#pragma once

#include <string>
#include <vector>

namespace firesweep::plot {

struct Tick {
  double value = 0;
  std::string label;
};

// Maps [low, high] onto pixels [from, to]; `from` may be the larger one.
class Axis {
 public:
  // Covers min … max (both positive) with room on both sides, logarithmically; ticks at 1, 2 and 5
  // times powers of ten, more of them over a short range and fewer over a long one.
  static Axis logarithmic(double min, double max, double from, double to);
  // Covers the fractions min … max in [0, 1] with room on both sides, linearly; ticks in whole
  // steps of percent.
  static Axis percent(double min, double max, double from, double to);

  double at(double value) const;
  const std::vector<Tick>& ticks() const { return ticks_; }
  double low() const { return low_; }
  double high() const { return high_; }

 private:
  Axis(bool logarithmic, double low, double high, double from, double to);

  bool logarithmic_;
  double low_, high_, from_, to_;
  std::vector<Tick> ticks_;
};

}  // namespace firesweep::plot
