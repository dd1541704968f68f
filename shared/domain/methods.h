// What is known of each method of a sweep: how it makes points, and when to use it. Pure.
#pragma once

#include <span>
#include <string_view>

#include "shared/domain/choices.h"

namespace firesweep {

struct MethodInfo {
  Method method = Method::kGrid;
  // Its points are a choice of `run_cap` trials; otherwise every combination is a point.
  bool draws = false;
  // It proposes a point from the results so far. Points of other methods are functions of their
  // number.
  bool learns = false;
  std::string_view help = {};  // one sentence
  std::string_view text = {};  // when to use it and with which budget; lines of at most 100
};

// Every method, in the order in which they are listed.
std::span<const MethodInfo> methods();
const MethodInfo& method_info(Method method);

inline bool draws(Method method) { return method_info(method).draws; }
inline bool learns(Method method) { return method_info(method).learns; }

}  // namespace firesweep
