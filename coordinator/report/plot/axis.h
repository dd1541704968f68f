// Axes: map data to pixels, with ticks at round numbers. Pure.
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
  // A logarithmic axis that covers min … max (both positive) with a margin on both sides. Ticks are
  // at 1, 2 and 5 times powers of ten, with more ticks for a short range and fewer for a long one.
  static Axis logarithmic(double min, double max, double from, double to);
  // A linear axis that covers the fractions min … max in [0, 1] with a margin on both sides. Ticks
  // are at whole percents.
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
