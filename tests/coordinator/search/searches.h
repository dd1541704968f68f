// Sweeps whose method learns or spreads points, for tests.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "shared/domain/sweep_spec.h"

namespace firesweep {

inline constexpr std::array kLearning = {Method::kTpe, Method::kEvolution, Method::kNsga2,
                                         Method::kGp};

namespace searches {

// So many ranges from 0 to 1 under names of their own.
inline std::vector<Parameter> ranges(int count) {
  std::vector<Parameter> parameters;
  for (int i = 0; i < count; ++i) {
    parameters.push_back({"arch.p" + std::to_string(i), Uniform{0, 1}});
  }
  return parameters;
}

inline SweepSpec spec(Method method, std::vector<Parameter> parameters) {
  SweepSpec spec;
  spec.name = "search";
  spec.method = method;
  spec.trainer = Trainer::kSimulated;
  spec.parameters = std::move(parameters);
  spec.run_cap = 100;
  spec.base.variant = "small";
  return spec;
}

// A network whose classifier has a hidden layer of $width; 3 parameters.
inline std::shared_ptr<FrozenSweep> frozen(Method method, std::int64_t run_cap) {
  auto frozen = std::make_shared<FrozenSweep>();
  frozen->spec = spec(method, {{"lr", LogUniformValues{0.001, 0.1}},
                               {"label_smoothing", Uniform{0, 0.3}},
                               {"arch.width", IntUniform{8, 64}}});
  frozen->spec.run_cap = run_cap;
  Block pool, hidden, head;
  pool.kind = "global_avg_pool";
  hidden.kind = "linear";
  hidden.numbers = {{"value", "$width"}};
  head.kind = "linear";
  head.numbers = {{"value", "classes"}};
  frozen->architectures.emplace(
      "small",
      Architecture{"small", {3, 32, 32}, {{"width", 16.0}}, {pool, hidden, head}, "a", "a"});
  return frozen;
}

}  // namespace searches
}  // namespace firesweep
