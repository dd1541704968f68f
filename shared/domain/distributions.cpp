#include "shared/domain/distributions.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numbers>

namespace firesweep {
namespace {

constexpr double kMostWhole = 0x1p53;  // whole numbers that doubles hold
constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Limits {
  double min, max;
};

// Of the numbers themselves, whatever the field.
struct OwnLimits {
  Limits operator()(const Uniform& range) const { return {range.min, range.max}; }
  Limits operator()(const LogUniformValues& range) const { return {range.min, range.max}; }
  Limits operator()(const Normal&) const { return {-kMostWhole, kMostWhole}; }
  Limits operator()(const LogNormal&) const { return {0, kMostWhole}; }
  Limits operator()(const Beta&) const { return {0, 1}; }
};

// Abramowitz and Stegun 26.2.29.
double below(double x, double mean, double stddev) {
  return std::erfc((mean - x) / (stddev * std::numbers::sqrt2)) / 2;
}

// Rounding may reach the open end of a range.
double within(double value, double min, double max) {
  return value < max ? std::max(value, min) : std::nextafter(max, min);
}

// `slack` widens the limits: a number that is rounded to the multiple at a limit counts too.
struct Share {
  const Field& field;
  double slack = 0;

  double operator()(const Normal& normal) const {
    return below(field.max + slack, normal.mean, normal.stddev) -
           below(field.min - slack, normal.mean, normal.stddev);
  }
  double operator()(const LogNormal& normal) const {
    const auto up_to = [&](double x) {
      return x <= 0 ? 0.0 : below(std::log(x), normal.mean, normal.stddev);
    };
    return up_to(field.max + slack) - up_to(field.min - slack);
  }
  double operator()(const Quantized& quantized) const {
    const Share inner{field, quantized.q / 2};
    return std::visit([&](const auto& of) { return inner(of); }, quantized.of);
  }
  template <class Bounded>
  double operator()(const Bounded&) const {
    return 1;
  }
};

}  // namespace

std::optional<std::int64_t> size_of(const Domain& domain) {
  if (const auto* list = std::get_if<ValueList>(&domain)) {
    return static_cast<std::int64_t>(list->values.size());
  }
  const auto* range = std::get_if<IntUniform>(&domain);
  std::int64_t size = 0;
  if (range == nullptr || __builtin_sub_overflow(range->max, range->min, &size) ||
      size == std::numeric_limits<std::int64_t>::max()) {
    return std::nullopt;
  }
  return size + 1;
}

Multiples multiples_of(const Quantized& quantized, const Field* field) {
  constexpr double kRounding = 1e-9;  // of min / q and max / q
  const double q = quantized.q;
  Limits limits = std::visit(OwnLimits{}, quantized.of);
  if (field != nullptr) {
    limits = {std::max(limits.min, field->min), std::min(limits.max, field->max)};
  }
  Multiples found{std::ceil(limits.min / q - kRounding), std::floor(limits.max / q + kRounding)};
  if (field != nullptr && field->above_min && multiple(found.first, q) <= field->min) ++found.first;
  if (field != nullptr && field->below_max && multiple(found.last, q) >= field->max) --found.last;
  return found;
}

double share_within(const Domain& domain, const Field* field) {
  static const Field unlimited{.name = "", .member = &TrialConfig::lr, .max = kInfinity};
  return std::visit(Share{field == nullptr ? unlimited : *field}, domain);
}

double at_share(const Uniform& range, double share) {
  return within(range.min + share * (range.max - range.min), range.min, range.max);
}

double at_share(const LogUniformValues& range, double share) {
  const double low = std::log(range.min);
  const double high = std::log(range.max);
  return within(std::exp(low + share * (high - low)), range.min, range.max);
}

Value multiple_of(const Quantized& quantized, const Field* field, double k) {
  const double q = quantized.q;
  const bool whole = field == nullptr ? q == std::floor(q) : type_of(*field) == FieldType::kWhole;
  const double value = multiple(k, q);
  return whole ? Value(static_cast<std::int64_t>(std::llround(value))) : Value(value);
}

double multiple(double k, double q) {
  constexpr int kDigits = 15;
  char text[32];
  const auto end =
      std::to_chars(std::begin(text), std::end(text), k * q, std::chars_format::general, kDigits);
  double value = k * q;
  std::from_chars(text, end.ptr, value);
  return value + 0.0;  // 0, not -0
}

}  // namespace firesweep
