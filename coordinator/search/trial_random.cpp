// The points of methods random and sobol.
#include <algorithm>
#include <cassert>
#include <limits>
#include <unordered_set>

#include "coordinator/search/trial_space.h"
#include "shared/base/splitmix.h"

namespace firesweep {
namespace {

constexpr int kFirstWithoutRepeats = 3;           // version of the rules
constexpr std::int64_t kMaxDrawsPerTrial = 100;   // points drawn for one that is left
constexpr std::int64_t kAlwaysDrawn = 1'000'000;  // of finitely many: they are cheap to look at
constexpr std::int64_t kMostPlaces = std::int64_t{1} << 62;

bool weighted(const Parameter& parameter) {
  const auto* list = std::get_if<ValueList>(&parameter.domain);
  return list != nullptr && !list->probabilities.empty();
}

// Values that may be drawn at all.
std::int64_t possible_of(const Domain& domain, std::int64_t size) {
  const auto* list = std::get_if<ValueList>(&domain);
  if (list == nullptr || list->probabilities.empty()) return size;
  return std::count_if(list->probabilities.begin(), list->probabilities.end(),
                       [](double probability) { return probability > 0; });
}

}  // namespace

// Nothing for ranges of real numbers, and for more whole ones than can be counted.
std::optional<std::int64_t> TrialSpace::size_of(const Domain& domain) {
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

std::int64_t TrialSpace::values_on(const Axis& axis) {
  const auto size = size_of(axis.parameter->domain);
  assert(size);  // asked only for axes with finitely many values
  return *size;
}

void TrialSpace::lay_finite_axes() {
  const SweepSpec& spec = frozen_->spec;
  if (spec.rules < kFirstWithoutRepeats) return;
  std::int64_t places = 1;
  std::int64_t possible = 1;
  for (auto axis = axes_.rbegin(); axis != axes_.rend(); ++axis) {
    const auto size = size_of(axis->parameter->domain);
    axis->stride = places;
    if (!size || __builtin_mul_overflow(places, *size, &places) || places > kMostPlaces) return;
    possible *= possible_of(axis->parameter->domain, *size);
  }
  counts_.possible = possible;
  const bool even = spec.method == Method::kRandom &&
                    std::none_of(spec.parameters.begin(), spec.parameters.end(), weighted);
  if (even) order_.emplace(places, spec.search_seed);
}

std::int64_t TrialSpace::most_draws() const {
  const std::int64_t wanted = frozen_->spec.run_cap.value_or(1);
  const std::int64_t most = std::min(kMaxTrials, (wanted / seed_count() + 1) * kMaxDrawsPerTrial);
  return order_ ? std::min(std::max(most, kAlwaysDrawn), counts_.possible) : most;
}

// What tells a point that is drawn parameter by parameter from others: its place if there are
// finitely many, or else a hash of its values if each is a step of its distribution. Nothing where
// no point can be drawn twice.
std::optional<std::int64_t> TrialSpace::identity_of_drawn(std::int64_t point) const {
  if (order_) return std::nullopt;
  if (counts_.possible == 0) return hash_of_steps(point);
  const TrialConfig config = config_of_point(point);
  std::int64_t place = 0;
  for (const Axis& axis : axes_) {
    const auto digit = digit_of(axis, config);
    assert(digit);
    place += *digit * axis.stride;
  }
  return place;
}

std::optional<std::int64_t> TrialSpace::hash_of_steps(std::int64_t point) const {
  const auto is = [&](auto alike) {
    return [alike](const Axis& axis) { return alike(axis.parameter->domain); };
  };
  const bool steps = std::any_of(axes_.begin(), axes_.end(), is([](const Domain& domain) {
                                   return std::holds_alternative<Quantized>(domain);
                                 }));
  const bool continuous =
      std::any_of(axes_.begin(), axes_.end(), is([](const Domain& domain) {
                    return !std::holds_alternative<Quantized>(domain) && !size_of(domain);
                  }));
  if (!steps || continuous) return std::nullopt;
  std::uint64_t hash = 0;
  for (const Axis& axis : axes_) {
    hash = splitmix64(hash ^ fnv1a(json_text(value_at(axis, point))));
  }
  return static_cast<std::int64_t>(hash);
}

Result<void> TrialSpace::draw_points() {
  const SweepSpec& spec = frozen_->spec;
  const std::int64_t wanted = spec.run_cap.value_or(1);
  if (wanted > kMaxTrials) {
    return fail(ErrorCode::kBadInput, "/run_cap",
                "found " + std::to_string(wanted) + ", expected at most 10,000,000");
  }
  std::vector<Exclusion> exclusions;
  read_exclusions(exclusions);
  const auto cut = [&](std::int64_t& counter) {
    cut_.resize(static_cast<std::size_t>(points_), false);
    cut_.push_back(true);
    counter += seed_count();
  };
  std::unordered_set<std::int64_t> drawn;  // identities
  const std::int64_t most = most_draws();
  for (; counts_.trials < wanted && points_ < most; ++points_) {
    const auto identity = identity_of_drawn(points_);
    const auto count = static_cast<std::int64_t>(drawn.size());
    if (counts_.possible > 0 && identity && count == counts_.possible) break;
    if (identity && !drawn.insert(*identity).second) {
      cut(counts_.repeated);
      continue;
    }
    if (auto few = count_comparisons(exclusions); !few) return few;
    if (is_excluded(points_, exclusions)) {
      cut(counts_.excluded);
      continue;
    }
    const TrialConfig config = config_of_point(points_);
    const auto known = learn_cost(config);
    if (!known) return tl::unexpected(known.error());
    if (breaks_constraint(config)) {
      cut(counts_.constrained);
      continue;
    }
    counts_.trials += seed_count();
  }
  if (!cut_.empty()) cut_.resize(static_cast<std::size_t>(points_), false);
  counts_.raw = points_ * seed_count();
  // Only the last point's seeds may go beyond the cap.
  counts_.capped = std::max<std::int64_t>(0, counts_.trials - wanted);
  counts_.trials -= counts_.capped;
  end_ = counts_.raw - counts_.capped;
  return {};
}

}  // namespace firesweep
