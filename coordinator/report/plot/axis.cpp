#include "coordinator/report/plot/axis.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <span>

namespace firesweep::plot {
namespace {

constexpr double kRoom = 1.4;            // beyond the outermost points, as a factor
constexpr double kShortestRange = 6;     // high / low
constexpr std::size_t kFewestTicks = 4;  // where finer ones exist
constexpr std::size_t kMostTicks = 9;
constexpr double kShortestSpan = 0.03;  // of percent axes: noise is not blown up
constexpr double kMostSteps = 9;

// From coarse to fine: multiples of each power of ten.
constexpr std::array<double, 1> kPowers = {1};
constexpr std::array<double, 2> kHalves = {1, 3};
constexpr std::array<double, 3> kUsual = {1, 2, 5};
constexpr std::array<double, 7> kFine = {1, 1.5, 2, 3, 4, 5, 7};

std::string magnitude(double value) {
  constexpr std::array<const char*, 5> kSuffixes = {"", " k", " M", " G", " T"};
  std::size_t step = 0;
  for (; value >= 999.5 && step + 1 < kSuffixes.size(); ++step) value /= 1000;
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.3g%s", value, kSuffixes[step]);
  return buffer.data();
}

std::vector<Tick> ticks_at(std::span<const double> multiples, double low, double high) {
  std::vector<Tick> ticks;
  for (double power = std::pow(10, std::floor(std::log10(low))); power <= high; power *= 10) {
    for (const double multiple : multiples) {
      const double value = multiple * power;
      if (value >= low && value <= high) ticks.push_back({value, magnitude(value)});
    }
  }
  return ticks;
}

// The finest of 0.1, 0.2, 0.5, 1, … percent that makes at most kMostSteps.
double percent_step(double span) {
  for (double power = 0.001;; power *= 10) {
    for (const double multiple : kUsual) {
      if (span / (multiple * power) <= kMostSteps) return multiple * power;
    }
  }
}

}  // namespace

Axis::Axis(bool logarithmic, double low, double high, double from, double to)
    : logarithmic_(logarithmic), low_(low), high_(high), from_(from), to_(to) {}

double Axis::at(double value) const {
  const double share = logarithmic_ ? std::log(value / low_) / std::log(high_ / low_)
                                    : (value - low_) / (high_ - low_);
  return from_ + share * (to_ - from_);
}

Axis Axis::logarithmic(double min, double max, double from, double to) {
  const double widen = std::max(1.0, std::sqrt(kShortestRange / (max / min * kRoom * kRoom)));
  Axis axis(true, min / kRoom / widen, max * kRoom * widen, from, to);
  const std::array<std::span<const double>, 4> densities = {kFine, kUsual, kHalves, kPowers};
  for (const auto multiples : densities) {
    auto ticks = ticks_at(multiples, axis.low_, axis.high_);
    const bool usual = multiples.data() == kUsual.data();
    if (!axis.ticks_.empty() && (ticks.size() < kFewestTicks || !usual) &&
        axis.ticks_.size() <= kMostTicks)
      break;
    axis.ticks_ = std::move(ticks);
  }
  return axis;
}

Axis Axis::percent(double min, double max, double from, double to) {
  const double span = std::max(max - min, kShortestSpan);
  const double middle = (min + max) / 2;
  const double wanted_low = std::max(0.0, middle - 0.60 * span);
  const double wanted_high = std::min(1.0, middle + 0.64 * span);
  const double step = percent_step(wanted_high - wanted_low);
  const double low = std::max(0.0, std::floor(wanted_low / step + 1e-9) * step);
  const double high = std::min(1.0, std::ceil(wanted_high / step - 1e-9) * step);
  Axis axis(false, low, high, from, to);
  const int decimals = step < 0.0099 ? 1 : 0;
  const auto first = static_cast<long>(std::lround(low / step));
  const auto last = static_cast<long>(std::floor(high / step + 1e-9));
  for (long i = first; i <= last; ++i) {
    std::array<char, 32> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%.*f %%", decimals,
                  100 * step * static_cast<double>(i));
    axis.ticks_.push_back({step * static_cast<double>(i), buffer.data()});
  }
  return axis;
}

}  // namespace firesweep::plot
