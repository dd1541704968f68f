// Which trials of one space another has too.
#include <algorithm>
#include <string_view>

#include "coordinator/search/draw_rules.h"
#include "coordinator/search/equal_trainings.h"
#include "coordinator/search/hash_set.h"
#include "coordinator/search/trial_space.h"
#include "shared/base/splitmix.h"
#include "shared/domain/methods.h"

namespace firesweep {
namespace {

bool same_architecture(const FrozenSweep& a, const FrozenSweep& b, const std::string& variant) {
  const auto one = a.architectures.find(variant);
  const auto other = b.architectures.find(variant);
  return one != a.architectures.end() && other != b.architectures.end() &&
         one->second.hash == other->second.hash;
}

}  // namespace

void TrialSpace::mark_shared(const TrialSpace& next, std::vector<bool>& shared) const {
  const SweepSpec& mine = frozen_->spec;
  const SweepSpec& other = next.frozen_->spec;
  if (learns(mine.method) || learns(other.method)) {
    // Only the same search goes on (SweepSpace::append): its trials are those of equal number.
    for (std::int64_t number = 0; number < std::min(end_, next.end_); ++number) {
      shared[static_cast<std::size_t>(number)] = true;
    }
    return;
  }
  if (mine.rules >= kFirstOfTrainings && may_train_alike(mine, other)) {
    return mark_equal_trainings(next, shared);
  }
  const auto plain = [](const SweepSpec& spec) {
    return spec.method == Method::kGrid && spec.zip.empty() && spec.conditions.empty();
  };
  const bool alike = plain(mine) && plain(other) &&
                     mine.lr_follows_optimizer == other.lr_follows_optimizer &&
                     mine.weight_decay_follows_optimizer == other.weight_decay_follows_optimizer;
  if (alike) return mark_shared_points(next, shared);
  for (std::int64_t number = 0; number < next.counts_.raw; ++number) {
    const auto config = next.config(number);
    if (config && find(*config, number / next.seed_count()) &&
        same_architecture(*frozen_, *next.frozen_, config->variant)) {
      shared[static_cast<std::size_t>(number)] = true;
    }
  }
}

void TrialSpace::mark_equal_trainings(const TrialSpace& next, std::vector<bool>& shared) const {
  const auto with_content = [](const TrialSpace& space, const TrialConfig& config) {
    const std::string& content = space.frozen_->architectures.at(config.variant).hash;
    return splitmix64(space.training_of(config) ^ fnv1a(content));
  };
  HashSet own;
  for (std::int64_t number = 0; number < counts_.raw; ++number) {
    if (const auto config = this->config(number)) own.insert(with_content(*this, *config));
  }
  for (std::int64_t number = 0; number < next.counts_.raw; ++number) {
    const auto config = next.config(number);
    if (config && own.contains(with_content(next, *config))) {
      shared[static_cast<std::size_t>(number)] = true;
    }
  }
}

// Grids are compared axis by axis: a point is there where each of its values is.
void TrialSpace::mark_shared_points(const TrialSpace& next, std::vector<bool>& shared) const {
  const auto start = fixed_offset(next);
  if (!start) return;
  std::vector<std::vector<Step>> axes;
  for (const Axis& axis : next.axes_) {
    axes.push_back(steps_of(axis, next));
    if (axes.back().empty()) return;
  }
  const auto& own = frozen_->spec.seeds;
  std::vector<Step> seeds;
  for (std::size_t i = 0; i < next.frozen_->spec.seeds.size(); ++i) {
    const auto found = std::find(own.begin(), own.end(), next.frozen_->spec.seeds[i]);
    if (found != own.end()) seeds.push_back({static_cast<std::int64_t>(i), found - own.begin()});
  }
  // Walks over what both have, the last axis fastest.
  const auto walk = [&](const auto& deeper, std::size_t axis, Step point) -> void {
    if (axis < axes.size()) {
      for (const Step& step : axes[axis]) {
        deeper(deeper, axis + 1, {point.there + step.there, point.here + step.here});
      }
      return;
    }
    for (const Step& seed : seeds) {
      const std::int64_t number = point.there * next.seed_count() + seed.there;
      if (next.has(number) && has(point.here * seed_count() + seed.here)) {
        shared[static_cast<std::size_t>(number)] = true;
      }
    }
  };
  walk(walk, 0, {0, *start});
}

// Where on this grid the points of `next` lie by what `next` does not sweep. Nothing where none of
// them is on it.
std::optional<std::int64_t> TrialSpace::fixed_offset(const TrialSpace& next) const {
  TrialConfig fixed = next.frozen_->spec.base;
  if (next.axis_named("variant") == nullptr &&
      !same_architecture(*frozen_, *next.frozen_, fixed.variant)) {
    return std::nullopt;
  }
  std::int64_t start = 0;
  for (const Axis& axis : axes_) {
    if (next.axis_named(axis.parameter->name) != nullptr) continue;
    const auto digit = digit_of(axis, fixed);
    if (!digit) return std::nullopt;
    start += *digit * stride_of(axis);
  }
  // What neither sweeps must be equal.
  TrialConfig own = frozen_->spec.base;
  for (const std::vector<Axis>* axes : {&axes_, &next.axes_}) {
    for (const Axis& axis : *axes) {
      if (axis.field == nullptr) {
        own.arch_params.erase(axis.arch);
        fixed.arch_params.erase(axis.arch);
      } else {
        apply(axis, get_field(own, *axis.field), fixed);
      }
    }
  }
  return own == fixed ? std::optional(start) : std::nullopt;
}

// Each value of an axis of `next` that lies on this grid.
std::vector<TrialSpace::Step> TrialSpace::steps_of(const Axis& axis, const TrialSpace& next) const {
  const std::string& name = axis.parameter->name;
  const Axis* const own = axis_named(name);
  std::vector<Step> steps;
  const std::int64_t stride = next.stride_of(axis);
  std::int64_t there = -stride;
  for (const Value& value : std::get<ValueList>(axis.parameter->domain).values) {
    there += stride;
    TrialConfig config = next.frozen_->spec.base;
    apply(axis, value, config);
    if (name == "variant" && !same_architecture(*frozen_, *next.frozen_, config.variant)) continue;
    if (own == nullptr) {
      if (same_on(axis, config, frozen_->spec.base)) steps.push_back({there, 0});
    } else if (const auto digit = digit_of(*own, config)) {
      steps.push_back({there, *digit * stride_of(*own)});
    }
  }
  return steps;
}

std::int64_t TrialSpace::stride_of(const Axis& axis) const {
  return grid().stride(static_cast<std::size_t>(&axis - axes_.data()));
}

// Whether two configs agree in the axis's parameter.
bool TrialSpace::same_on(const Axis& axis, const TrialConfig& a, const TrialConfig& b) {
  if (axis.field != nullptr)
    return same_value(get_field(a, *axis.field), get_field(b, *axis.field));
  const auto one = a.arch_params.find(axis.arch), other = b.arch_params.find(axis.arch);
  return one != a.arch_params.end() && other != b.arch_params.end() &&
         same_value(one->second, other->second);
}

const TrialSpace::Axis* TrialSpace::axis_named(std::string_view name) const {
  const auto found = std::find_if(axes_.begin(), axes_.end(),
                                  [&](const Axis& axis) { return axis.parameter->name == name; });
  return found == axes_.end() ? nullptr : &*found;
}

}  // namespace firesweep
