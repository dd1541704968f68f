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
  Stream(const std::string& name, std::int64_t search_seed, std::int64_t point)
      : key_(splitmix64(splitmix64(splitmix64(static_cast<std::uint64_t>(search_seed)) ^
                                   static_cast<std::uint64_t>(point)) ^
                        fnv1a(name))) {}

  std::uint64_t bits() { return splitmix64(key_ + counter_++ * 0xD1342543DE82EF95ULL); }
  double unit() { return unit_of(bits()); }

  // Box and Muller 1958.
  double normal() {
    const double radius = std::sqrt(-2 * std::log(1 - unit()));
    return radius * std::cos(2 * std::numbers::pi * unit());
  }

 private:
  std::uint64_t key_;
  std::uint64_t counter_ = 0;
};

// Rounding may reach the open end of a range.
double below(double value, double min, double max) {
  return value < max ? std::max(value, min) : std::nextafter(max, min);
}

struct Drawer {
  const Parameter& parameter;
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

  Value operator()(const Uniform& range) const {
    return below(range.min + stream.unit() * (range.max - range.min), range.min, range.max);
  }

  Value operator()(const LogUniformValues& range) const {
    const double low = std::log(range.min);
    const double high = std::log(range.max);
    return below(std::exp(low + stream.unit() * (high - low)), range.min, range.max);
  }

  Value operator()(const IntUniform& range) const {
    const auto count = static_cast<unsigned __int128>(range.max - range.min) + 1;
    const auto offset = (static_cast<unsigned __int128>(stream.bits()) * count) >> 64;
    return range.min + static_cast<std::int64_t>(offset);
  }

  Value operator()(const Normal& normal) const {
    constexpr int kTries = 64;
    const Field* field = find_field(parameter.name);
    for (int i = 0; i < kTries; ++i) {
      const double value = normal.mean + normal.stddev * stream.normal();
      TrialConfig scratch;
      if (field == nullptr || set_field(scratch, *field, value, parameter.name)) return value;
    }
    return normal.mean;
  }
};

}  // namespace

Value draw(const Parameter& parameter, std::int64_t search_seed, std::int64_t point) {
  // A field draws as the one whose place it has taken did.
  const Field* field = find_field(parameter.name);
  const bool former = field != nullptr && !field->former.name.empty();
  Stream stream(former ? std::string(field->former.name) : parameter.name, search_seed, point);
  return std::visit(Drawer{parameter, stream}, parameter.domain);
}

}  // namespace firesweep
