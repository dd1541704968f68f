// What a parameter of a sweep may be: a list of values, or a distribution that method random draws
// from, in W&B's terms. Unbounded ones are truncated at the limits of the parameter's field.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "shared/domain/fields.h"
#include "shared/domain/value.h"

namespace firesweep {

struct ValueList {  // "values": grid axis; random picks uniformly, or by `probabilities` where
                    // given
  std::vector<Value> values;
  std::vector<double> probabilities;
};
struct Uniform {  // [min, max)
  double min, max;
};
struct LogUniformValues {  // [min, max), uniform in the logarithm
  double min, max;
};
struct InvLogUniformValues {  // (min, max], log(1/x) uniform: the same law, drawn from the top
  double min, max;
};
struct IntUniform {  // min … max inclusive
  std::int64_t min, max;
};
struct Normal {
  double mean, stddev;
};
struct LogNormal {  // exp(x) of a normal x: both are of the logarithm
  double mean, stddev;
};
struct Beta {  // [0, 1], with density x^(a-1) (1-x)^(b-1)
  double a, b;
};
// "q_…": the multiple of `q` next to what is drawn from `of`. Of a range it lies within the range.
struct Quantized {
  std::variant<Uniform, LogUniformValues, Normal, LogNormal, Beta> of;
  double q;
};
using Domain = std::variant<ValueList, Uniform, LogUniformValues, IntUniform, Normal,
                            InvLogUniformValues, LogNormal, Beta, Quantized>;

// How many values a domain has; nothing for ranges of real numbers, steps, and more whole numbers
// than can be counted. Pure.
std::optional<std::int64_t> size_of(const Domain& domain);

// The least and the greatest number that `quantized` draws for a parameter (`field`; null: of the
// architecture files), as multiples of q. `last` is below `first` where there is none.
struct Multiples {
  double first, last;
};
Multiples multiples_of(const Quantized& quantized, const Field* field);

// The share of what an unbounded distribution draws that lies within the field's limits: 1 where
// there are none. What lies outside is drawn again. Pure.
double share_within(const Domain& domain, const Field* field);

// The number with that share, in [0, 1), of a range's numbers below it. Within the range.
double at_share(const Uniform& range, double share);
double at_share(const LogUniformValues& range, double share);

// k × q as a parameter's value.
Value multiple_of(const Quantized& quantized, const Field* field, double k);

// k × q without the digits that binary fractions add to it: 0.3, not 0.30000000000000004.
double multiple(double k, double q);

}  // namespace firesweep
