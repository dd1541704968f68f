// Which trials of one space another has too.
#include <algorithm>
#include <string_view>

#include "coordinator/search/trial_space.h"

namespace firesweep {
namespace {

constexpr std::int64_t kAbsent = -1;

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
  const bool alike = mine.method != Method::kRandom && other.method != Method::kRandom &&
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

// Grids are compared axis by axis: a point is there where each of its values is.
void TrialSpace::mark_shared_points(const TrialSpace& next, std::vector<bool>& shared) const {
  const auto start = fixed_offset(next);
  if (!start) return;
  std::vector<std::vector<std::int64_t>> offsets;
  for (const Axis& axis : next.axes_) offsets.push_back(offsets_of(axis, next));
  std::vector<std::int64_t> seeds;
  for (const std::int64_t seed : next.frozen_->spec.seeds) {
    const auto& own = frozen_->spec.seeds;
    const auto found = std::find(own.begin(), own.end(), seed);
    seeds.push_back(found == own.end() ? kAbsent : found - own.begin());
  }
  for (std::int64_t point = 0; point < next.points_; ++point) {
    std::int64_t own = *start;
    bool there = true;
    for (std::size_t i = 0; i < offsets.size(); ++i) {
      const auto size = static_cast<std::int64_t>(offsets[i].size());
      const std::int64_t offset =
          offsets[i][static_cast<std::size_t>(point / next.axes_[i].stride % size)];
      there = there && offset != kAbsent;
      own += offset;
    }
    if (!there) continue;
    for (std::size_t i = 0; i < seeds.size(); ++i) {
      const std::int64_t number = point * next.seed_count() + static_cast<std::int64_t>(i);
      if (seeds[i] != kAbsent && next.has(number) && has(own * seed_count() + seeds[i])) {
        shared[static_cast<std::size_t>(number)] = true;
      }
    }
  }
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
    start += *digit * axis.stride;
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

// Of each value of an axis of `next`: how far along this grid it lies, or kAbsent.
std::vector<std::int64_t> TrialSpace::offsets_of(const Axis& axis, const TrialSpace& next) const {
  const std::string& name = axis.parameter->name;
  const Axis* const own = axis_named(name);
  std::vector<std::int64_t> offsets;
  for (const Value& value : std::get<ValueList>(axis.parameter->domain).values) {
    TrialConfig config = next.frozen_->spec.base;
    apply(axis, value, config);
    bool there = name != "variant" || same_architecture(*frozen_, *next.frozen_, config.variant);
    std::int64_t offset = 0;
    if (own != nullptr) {
      const auto digit = digit_of(*own, config);
      there = there && digit;
      offset = digit.value_or(0) * own->stride;
    } else {
      there = there && same_on(axis, config, frozen_->spec.base);
    }
    offsets.push_back(there ? offset : kAbsent);
  }
  return offsets;
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
