#include "coordinator/search/draw.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "shared/base/splitmix.h"
#include "shared/domain/fields.h"

namespace firesweep {
namespace {

// The random bits of one parameter of one point, by counter.
class Stream {
 public:
  Stream(std::uint64_t name, std::int64_t search_seed, std::int64_t point)
      : key_(splitmix64(splitmix64(splitmix64(static_cast<std::uint64_t>(search_seed)) ^
                                   static_cast<std::uint64_t>(point)) ^
                        name)) {}

  std::uint64_t bits() { return splitmix64(key_ + counter_++ * 0xD1342543DE82EF95ULL); }
  double unit() { return unit_of(bits()); }

  // In (0, 1).
  double open_unit() { return unit_of(bits()) + 0x1p-54; }

  // Box and Muller 1958.
  double normal() {
    const double radius = std::sqrt(-2 * std::log(1 - unit()));
    return radius * std::cos(2 * std::numbers::pi * unit());
  }

  // The logarithm of a number with density x^(shape-1) e^-x (Marsaglia and Tsang, "A Simple Method
  // for Generating Gamma Variables", ACM TOMS 26 (2000), sections 4 and 6). A logarithm: with a
  // small shape the number itself would be 0.
  double log_gamma(double shape) {
    if (shape < 1) return log_gamma(shape + 1) + std::log(open_unit()) / shape;
    const double d = shape - 1.0 / 3;
    const double c = 1 / std::sqrt(9 * d);
    while (true) {
      const double x = normal();
      const double v = std::pow(1 + c * x, 3);
      if (v > 0 && std::log(open_unit()) < x * x / 2 + d - d * v + d * std::log(v)) {
        return std::log(d * v);
      }
    }
  }

 private:
  std::uint64_t key_;
  std::uint64_t counter_ = 0;
};

constexpr int kTries = 256;  // see kLeastWithin (domain_codec.h): 0.75^256 is 1e-32

// Whether one of the numbers of a parameter may be this.
bool allows(const Field* field, double number) {
  return field == nullptr || may_have(*field, number);
}

// A number of a continuous distribution, whatever the limits of its field.
struct Law {
  Stream& stream;

  double operator()(const Uniform& range) const { return at_share(range, stream.unit()); }
  double operator()(const LogUniformValues& range) const { return at_share(range, stream.unit()); }
  double operator()(const Normal& normal) const {
    return normal.mean + normal.stddev * stream.normal();
  }
  double operator()(const LogNormal& normal) const {
    return std::exp(normal.mean + normal.stddev * stream.normal());
  }
  // The share of one gamma variable in the sum of two (Johnson, Kotz, Balakrishnan, "Continuous
  // Univariate Distributions" 2, section 25.2).
  double operator()(const Beta& beta) const {
    const double one = stream.log_gamma(beta.a);
    const double other = stream.log_gamma(beta.b);
    return 1 / (1 + std::exp(other - one));
  }
};

struct Drawer {
  const Field* field;
  const Steps* steps;  // of a quantized parameter
  Stream& stream;

  Value operator()(const ValueList& list) const {
    const std::size_t last = list.values.size() - 1;
    if (list.probabilities.empty()) {
      const auto index = static_cast<std::size_t>(stream.unit() * static_cast<double>(last + 1));
      return list.values[std::min(index, last)];
    }
    double left = stream.unit();
    for (std::size_t i = 0; i < last; ++i) {
      if (left < list.probabilities[i]) return list.values[i];
      left -= list.probabilities[i];
    }
    // What rounding leaves over falls to the last value that may be drawn at all.
    std::size_t index = last;
    while (index > 0 && list.probabilities[index] == 0) --index;
    return list.values[index];
  }

  Value operator()(const Uniform& range) const { return Law{stream}(range); }
  Value operator()(const LogUniformValues& range) const { return Law{stream}(range); }

  Value operator()(const InvLogUniformValues& range) const {
    const double low = -std::log(range.max);
    const double high = -std::log(range.min);
    return std::clamp(std::exp(-(low + stream.unit() * (high - low))), range.min, range.max);
  }

  Value operator()(const IntUniform& range) const {
    const auto count = static_cast<unsigned __int128>(range.max - range.min) + 1;
    const auto offset = (static_cast<unsigned __int128>(stream.bits()) * count) >> 64;
    return range.min + static_cast<std::int64_t>(offset);
  }

  Value operator()(const Normal& normal) const {
    constexpr int kNormalTries = 64;
    for (int i = 0; i < kNormalTries; ++i) {
      const double value = Law{stream}(normal);
      if (allows(field, value)) return value;
    }
    return normal.mean;
  }

  Value operator()(const LogNormal& normal) const { return within(normal, std::exp(normal.mean)); }
  Value operator()(const Beta& beta) const { return within(beta, beta.a / (beta.a + beta.b)); }

  template <class T>
  Value within(const T& law, double otherwise) const {
    for (int i = 0; i < kTries; ++i) {
      const double value = Law{stream}(law);
      if (std::isfinite(value) && allows(field, value)) return value;
    }
    return otherwise;
  }

  Value operator()(const Quantized& quantized) const {
    const bool unbounded = std::holds_alternative<Normal>(quantized.of) ||
                           std::holds_alternative<LogNormal>(quantized.of);
    const Multiples& own = steps->own();
    const Multiples& allowed = steps->allowed();
    for (int i = 0; i < kTries; ++i) {
      double k = std::round(std::visit(Law{stream}, quantized.of) / quantized.q);
      if (!unbounded) k = std::clamp(k, own.first, own.last);
      if (k >= allowed.first && k <= allowed.last) return steps->value(k);
    }
    return steps->value(allowed.first);
  }
};

}  // namespace

// A field draws as the one whose place it has taken did.
DrawnValues::DrawnValues(const Parameter& parameter, const std::string& drawn_as)
    : parameter_(&parameter), field_(find_field(parameter.name)), name_(fnv1a(drawn_as)) {
  const Field* named = find_field(drawn_as);
  if (named != nullptr && !named->former.name.empty()) name_ = fnv1a(named->former.name);
  if (const auto* quantized = std::get_if<Quantized>(&parameter.domain)) {
    steps_.emplace(*quantized, field_);
  }
}

Value DrawnValues::at(std::int64_t search_seed, std::int64_t point) const {
  Stream stream(name_, search_seed, point);
  return std::visit(Drawer{field_, steps_ ? &*steps_ : nullptr, stream}, parameter_->domain);
}

}  // namespace firesweep
