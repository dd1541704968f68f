#include "coordinator/search/coordinates.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <numbers>
#include <optional>
#include <vector>

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

// The normal distribution's quantile, by halving: exact to the last bits, and slow enough to be
// called once a value.
double normal_quantile(double share) {
  double low = -40;
  double high = 40;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    const double area = 0.5 * std::erfc(-middle / std::sqrt(2.0));
    (area < share ? low : high) = middle;
  }
  return (low + high) / 2;
}

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
  double operator()(const Beta& beta) const {
    double low = 0;
    double high = 1;
    for (int i = 0; i < 60; ++i) {
      const double middle = (low + high) / 2;
      (beta_below(beta.a, beta.b, middle) < share ? low : high) = middle;
    }
    return (low + high) / 2;
  }
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
Value step_of(const Quantized& quantized, const Field* field, double share) {
  const Multiples all = multiples_of(quantized, field);
  const double drawn = std::round(std::visit(Quantile{share}, quantized.of) / quantized.q);
  return multiple_of(quantized, field, std::clamp(drawn, all.first, all.last));
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
  const Field* field = find_field(parameter.name);
  const double share = std::max(coordinate, std::numeric_limits<double>::min());
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
            if (dimension.kind == Kind::kContinuous) return step_of(quantized, field, share);
            return multiple_of(quantized, field, likely_steps(quantized, field).first + coordinate);
          },
          [&](const auto& law) -> Value { return within(field, Quantile{share}(law)); }},
      parameter.domain);
}

Value value_of_share(const Parameter& parameter, const Dimension& dimension, double share) {
  const bool continuous = dimension.kind == Kind::kContinuous;
  return value_at(parameter, dimension, continuous ? share : choice_at(dimension, share));
}

}  // namespace firesweep
