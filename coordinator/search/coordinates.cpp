#include "coordinator/search/coordinates.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <numbers>
#include <optional>
#include <utility>
#include <vector>

#include "coordinator/search/quantiles.h"
#include "coordinator/search/student.h"
#include "shared/base/overloaded.h"
#include "shared/domain/fields.h"

namespace firesweep {
namespace {

using Kind = Dimension::Kind;

constexpr std::int64_t kMostChoices = std::int64_t{1} << 40;
constexpr std::int64_t kMostUnequalSteps = 10'000;  // each has a border

std::optional<double> number_of(const Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&value)) return *real;
  return std::nullopt;
}

// Three or more: of two values each is the other's neighbour.
bool is_ordered(const std::vector<Value>& values) {
  std::vector<double> numbers;
  for (const Value& value : values) {
    const auto number = number_of(value);
    if (!number) return false;
    numbers.push_back(*number);
  }
  return numbers.size() > 2 &&
         (std::ranges::is_sorted(numbers) || std::ranges::is_sorted(numbers, std::greater<>()));
}

// How many whole numbers there are, if they are not too many to be choices.
std::optional<std::int64_t> count_of(const IntUniform& range) {
  const auto count = size_of(Domain(range));
  return count && *count <= kMostChoices ? count : std::nullopt;
}

Dimension choices(Kind kind, std::int64_t count) { return {.kind = kind, .choices = count}; }

// The number below which a share of a distribution lies, whatever the limits of its field.
struct Quantile {
  double share;

  double operator()(const Uniform& range) const { return at_share(range, share); }
  double operator()(const LogUniformValues& range) const { return at_share(range, share); }
  double operator()(const InvLogUniformValues& range) const {
    const double low = std::log(range.min);
    const double high = std::log(range.max);
    return std::clamp(std::exp(low + share * (high - low)), range.min, range.max);
  }
  double operator()(const Normal& normal) const {
    return normal.mean + normal.stddev * normal_quantile(share);
  }
  double operator()(const LogNormal& normal) const {
    return std::exp(normal.mean + normal.stddev * normal_quantile(share));
  }
  double operator()(const Beta& beta) const { return beta_quantile(beta, share); }
};

// Within the field's limits.
double within(const Field* field, double value) {
  constexpr double kMost = 1e300;
  value = std::clamp(value, -kMost, kMost);
  if (field == nullptr) return value;
  value = std::clamp(value, field->min, field->max);
  if (field->above_min && value <= field->min) value = std::nextafter(field->min, kMost);
  if (field->below_max && value >= field->max) value = std::nextafter(field->max, -kMost);
  return value;
}

// The share of a distribution below a number, whatever the limits of its field.
struct Share {
  double x;

  double operator()(const Uniform& range) const { return part(x, range.min, range.max); }
  double operator()(const LogUniformValues& range) const {
    return x <= range.min ? 0 : part(std::log(x), std::log(range.min), std::log(range.max));
  }
  double operator()(const Normal& normal) const {
    return 0.5 * std::erfc((normal.mean - x) / (normal.stddev * std::numbers::sqrt2));
  }
  double operator()(const LogNormal& normal) const {
    return x <= 0 ? 0 : Share{std::log(x)}(Normal{normal.mean, normal.stddev});
  }
  double operator()(const Beta& beta) const {
    return x <= 0 ? 0 : x >= 1 ? 1 : beta_below(beta.a, beta.b, x);
  }

 private:
  static double part(double at, double from, double to) {
    return from < to ? std::clamp((at - from) / (to - from), 0.0, 1.0) : at < from ? 0 : 1;
  }
};

// Of those that a parameter may have, the steps that are ever drawn, as far as doubles can tell.
Multiples likely_steps(const Quantized& quantized, const Field* field) {
  constexpr double kDeviations = 6;
  Multiples steps = multiples_of(quantized, field);
  const auto narrow = [&](double low, double high) {
    const double first = std::round(low / quantized.q), last = std::round(high / quantized.q);
    steps = {std::clamp(first, steps.first, steps.last), std::clamp(last, steps.first, steps.last)};
  };
  const auto spread = [](const auto& law) { return kDeviations * law.stddev; };
  if (const auto* normal = std::get_if<Normal>(&quantized.of)) {
    narrow(normal->mean - spread(*normal), normal->mean + spread(*normal));
  } else if (const auto* log = std::get_if<LogNormal>(&quantized.of)) {
    narrow(std::exp(log->mean - spread(*log)), std::exp(log->mean + spread(*log)));
  }
  return steps;
}

// Where the parts of the steps end. What a distribution's own limits cut off belongs to its first
// and last step; what the field's cut off is drawn again (draw.cpp).
std::vector<double> borders_of(const Quantized& quantized, const Multiples& steps) {
  const Multiples own = multiples_of(quantized, nullptr);
  const auto below = [&](double step) {
    return std::visit(Share{(step + 0.5) * quantized.q}, quantized.of);
  };
  const double from = steps.first > own.first ? below(steps.first - 1) : 0;
  const double to = steps.last < own.last ? below(steps.last) : 1;
  std::vector<double> borders;
  for (double step = steps.first; step < steps.last; ++step) {
    const double share = to > from ? (below(step) - from) / (to - from) : 0;
    borders.push_back(std::clamp(share, borders.empty() ? 0 : borders.back(), 1.0));
  }
  return borders;
}

// As method random has them (draw.cpp).
double step_of(const Quantized& quantized, const Multiples& allowed, double share) {
  const double drawn = std::round(std::visit(Quantile{share}, quantized.of) / quantized.q);
  return std::clamp(drawn, allowed.first, allowed.last);
}

// What a quantile is taken of.
double positive(double share) { return std::max(share, std::numeric_limits<double>::min()); }

Value value_of(const Parameter& parameter, const Field* field, const Dimension& dimension,
               double coordinate) {
  return std::visit(
      Overloaded{
          [&](const ValueList& list) { return list.values[static_cast<std::size_t>(coordinate)]; },
          [&](const IntUniform& range) -> Value {
            if (count_of(range)) return range.min + static_cast<std::int64_t>(coordinate);
            const double span = static_cast<double>(range.max) - static_cast<double>(range.min);
            const double value = static_cast<double>(range.min) + coordinate * span;
            return std::clamp(static_cast<std::int64_t>(value), range.min, range.max);
          },
          [&](const Quantized& quantized) {
            const double step =
                dimension.kind == Kind::kContinuous
                    ? step_of(quantized, multiples_of(quantized, field), positive(coordinate))
                    : likely_steps(quantized, field).first + coordinate;
            return multiple_of(quantized, field, step);
          },
          [&](const auto& law) -> Value {
            return within(field, Quantile{positive(coordinate)}(law));
          }},
      parameter.domain);
}

// How far the numbers of neighbouring multiples of 2^-32 lie apart at least, and how large they
// are at most. Of what is an exponential: their logarithms.
struct Spacing {
  double gap = 0, largest = 0;
};
struct SpacingOf {
  static constexpr double kShare = 0x1p-32;
  static constexpr double kMostDeviations = 40;  // with the smallest positive share

  Spacing operator()(const Uniform& range) const {
    return {kShare * (range.max - range.min), std::max(std::abs(range.min), std::abs(range.max))};
  }
  Spacing operator()(const LogUniformValues& range) const { return between(range.min, range.max); }
  Spacing operator()(const InvLogUniformValues& range) const {
    return between(range.min, range.max);
  }
  // A normal density is at most 0.4.
  Spacing operator()(const Normal& normal) const {
    return {2 * kShare * normal.stddev, std::abs(normal.mean) + kMostDeviations * normal.stddev};
  }
  Spacing operator()(const LogNormal& normal) const {
    const Spacing logs = (*this)(Normal{normal.mean, normal.stddev});
    return of_logs(logs.gap, logs.largest);
  }
  // A density without poles is at most a + b - 1.
  Spacing operator()(const Beta& beta) const {
    constexpr double kMostExact = 100;
    if (std::min(beta.a, beta.b) < 1 || std::max(beta.a, beta.b) > kMostExact) return {};
    return {kShare / 2 / (beta.a + beta.b - 1), 1};
  }
  template <class Choices>
  Spacing operator()(const Choices&) const {
    return {};
  }

 private:
  static Spacing between(double min, double max) {
    const double low = std::log(min);
    const double high = std::log(max);
    return of_logs(kShare * (high - low), std::max(std::abs(low), std::abs(high)));
  }
  // A number below e^-700 would have fewer digits.
  static Spacing of_logs(double gap, double largest) {
    constexpr double kMostExact = 700;
    return largest > kMostExact ? Spacing{} : Spacing{gap, std::max(1.0, largest)};
  }
};

// Whether neighbours are farther apart than what rounding takes from each, a few units in the last
// place of the largest: numbers rise with their share then.
bool rises(const Spacing& spacing) {
  constexpr double kRounding = 0x1p-48;
  return spacing.gap > 0 && spacing.gap >= kRounding * spacing.largest;
}

}  // namespace

Dimension dimension_of(const Parameter& parameter) {
  return std::visit(Overloaded{[](const ValueList& list) {
                                 const auto count = static_cast<std::int64_t>(list.values.size());
                                 return choices(
                                     is_ordered(list.values) ? Kind::kOrdered : Kind::kCategorical,
                                     count);
                               },
                               [](const IntUniform& range) {
                                 const auto count = count_of(range);
                                 return count ? choices(Kind::kOrdered, *count) : Dimension{};
                               },
                               [](const auto&) { return Dimension{}; }},
                    parameter.domain);
}

Dimension stepped_dimension_of(const Parameter& parameter) {
  const auto* quantized = std::get_if<Quantized>(&parameter.domain);
  if (quantized == nullptr) return dimension_of(parameter);
  const Multiples steps = likely_steps(*quantized, find_field(parameter.name));
  const double count = steps.last - steps.first + 1;
  const bool equal = std::holds_alternative<Uniform>(quantized->of);
  const auto most = static_cast<double>(equal ? kMostChoices : kMostUnequalSteps);
  if (!(count >= 1 && count <= most)) return {};
  Dimension dimension = choices(Kind::kOrdered, static_cast<std::int64_t>(count));
  if (!equal) dimension.borders = borders_of(*quantized, steps);
  return dimension;
}

Value value_at(const Parameter& parameter, const Dimension& dimension, double coordinate) {
  return value_of(parameter, find_field(parameter.name), dimension, coordinate);
}

ShareValues::ShareValues(const Parameter& parameter)
    : parameter_(&parameter),
      field_(find_field(parameter.name)),
      dimension_(dimension_of(parameter)) {
  if (const auto* quantized = std::get_if<Quantized>(&parameter.domain)) {
    const Steps& steps = steps_.emplace(*quantized, field_);
    if (rises(std::visit(SpacingOf{}, quantized->of))) lay_borders(steps);
  }
}

// Finding a border takes 32 quantiles: where steps are few, they are soon worth it.
void ShareValues::lay_borders(const Steps& steps) {
  constexpr double kMostBorders = 64;
  constexpr std::uint32_t kLast = std::numeric_limits<std::uint32_t>::max();
  const double first = step_at(steps, 0), last = step_at(steps, kLast * SpacingOf::kShare);
  if (!(last - first <= kMostBorders)) return;
  std::vector<double> borders;
  std::uint32_t low = 0;
  for (double step = first + 1; step <= last; ++step) {
    std::uint32_t high = kLast;
    while (low < high) {
      const std::uint32_t middle = low + (high - low) / 2;
      const bool below = step_at(steps, middle * SpacingOf::kShare) < step;
      (below ? low : high) = below ? middle + 1 : middle;
    }
    borders.push_back(low * SpacingOf::kShare);
  }
  first_step_ = first;
  borders_ = std::move(borders);
}

double ShareValues::step_at(const Steps& steps, double share) const {
  if (!borders_.empty()) {
    return first_step_ +
           static_cast<double>(std::ranges::upper_bound(borders_, share) - borders_.begin());
  }
  return step_of(std::get<Quantized>(parameter_->domain), steps.allowed(), positive(share));
}

Value ShareValues::at(double share) const {
  if (steps_) return steps_->value(step_at(*steps_, share));
  const bool continuous = dimension_.kind == Kind::kContinuous;
  return value_of(*parameter_, field_, dimension_,
                  continuous ? share : choice_at(dimension_, share));
}

// None is moved to a limit of the field if neither the greatest nor the least is, beside that of
// share 0, which may be the only one at the lower limit.
bool ShareValues::are_all_different() const {
  if (!rises(std::visit(SpacingOf{}, parameter_->domain))) return false;
  const auto raw = [&](double share) {
    return std::visit(
        [&](const auto& law) {
          const Quantile quantile{positive(share)};
          if constexpr (requires { quantile(law); }) return quantile(law);
          return 0.0;  // without a gap
        },
        parameter_->domain);
  };
  const double least = raw(SpacingOf::kShare), most = raw(1 - SpacingOf::kShare);
  return within(field_, most) == most && within(field_, least) == least &&
         within(field_, raw(0)) < least;
}

}  // namespace firesweep
