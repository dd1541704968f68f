// Spaces for tests of samplers.
#pragma once

#include <rapidcheck.h>

#include <algorithm>

#include "coordinator/search/samplers/sampler.h"

namespace firesweep {

// One to six dimensions of every kind; some exist only where one or two
// earlier ones have certain values.
inline rc::Gen<SearchSpace> any_space() {
  return rc::gen::exec([] {
    const int size = *rc::gen::inRange(1, 7);
    SearchSpace space;
    for (int i = 0; i < size; ++i) {
      Dimension dimension;
      dimension.kind = *rc::gen::element(Dimension::Kind::kCategorical, Dimension::Kind::kOrdered,
                                         Dimension::Kind::kContinuous);
      if (dimension.kind != Dimension::Kind::kContinuous) {
        dimension.choices = *rc::gen::inRange<std::int64_t>(1, 12);
      }
      if (dimension.kind == Dimension::Kind::kOrdered && *rc::gen::arbitrary<bool>()) {
        for (std::int64_t k = 1; k < dimension.choices; ++k) {
          dimension.borders.push_back(*rc::gen::inRange(1, 1000) / 1000.0);
        }
        std::ranges::sort(dimension.borders);
      }
      for (int k = 0; k < 2; ++k) {
        const auto parent = *rc::gen::inRange<std::size_t>(0, 2 * static_cast<std::size_t>(size));
        if (parent >= space.size() || space[parent].choices == 0) continue;
        dimension.activation.push_back(
            {parent, {*rc::gen::inRange<std::int64_t>(0, space[parent].choices)}});
      }
      space.push_back(std::move(dimension));
    }
    return space;
  });
}

// Costs without structure, as many as objectives.
inline std::vector<double> made_up_costs(const Coordinates& point, std::size_t objectives) {
  double sum = 0;
  for (std::size_t i = 0; i < point.size(); ++i) sum += point[i] * static_cast<double>(i + 1);
  std::vector<double> costs;
  for (std::size_t k = 0; k < objectives; ++k) costs.push_back(k == 0 ? sum : -sum * sum);
  return costs;
}

}  // namespace firesweep
