#include "coordinator/search/sweep_space.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <string>
#include <utility>

#include "shared/domain/methods.h"

namespace firesweep {
namespace {

tl::unexpected<Error> differs(const char* place, std::string_view found,
                              std::string_view expected) {
  return fail(ErrorCode::kBadInput, place,
              "found \"" + std::string(found) + "\", expected \"" + std::string(expected) +
                  "\" as in the sweep it extends",
              "submit the file as a sweep of its own");
}

// What all trials of one sweep share.
Result<void> check_same_sweep(const FrozenSweep& first, const FrozenSweep& next) {
  const SweepSpec& a = first.spec;
  const SweepSpec& b = next.spec;
  if (b.name != a.name) return differs("/name", b.name, a.name);
  if (b.trainer != a.trainer) {
    return differs("/trainer", to_string(b.trainer), to_string(a.trainer));
  }
  if (b.dataset != a.dataset) {
    return differs("/dataset", to_string(b.dataset), to_string(a.dataset));
  }
  if (next.dataset_checksum != first.dataset_checksum) {
    return differs("/dataset", next.dataset_checksum, first.dataset_checksum);
  }
  if (b.metric != a.metric) {
    return differs("/metric/name", to_string(b.metric), to_string(a.metric));
  }
  if (b.maximize != a.maximize) {
    return differs("/metric/goal", b.maximize ? "maximize" : "minimize",
                   a.maximize ? "maximize" : "minimize");
  }
  if (b.method != a.method && (firesweep::learns(a.method) || firesweep::learns(b.method))) {
    return differs("/method", to_string(b.method), to_string(a.method));
  }
  if (b.search != a.search) {
    return fail(ErrorCode::kBadInput, "/method",
                "its settings are not those of the sweep it extends, which has learnt by them",
                "write the same, or submit the file as a sweep of its own");
  }
  if (b.base.protocol != a.base.protocol) {
    return differs("/protocol", to_string(b.base.protocol), to_string(a.base.protocol));
  }
  return {};
}

}  // namespace

SweepSpace::SweepSpace(Segment first) {
  const SweepSpec& spec = first.frozen->spec;
  if (firesweep::learns(spec.method)) search_.emplace(spec);
  segments_.push_back(std::move(first));
}

Result<SweepSpace> SweepSpace::make(std::shared_ptr<const FrozenSweep> frozen) {
  auto space = TrialSpace::make(frozen);
  if (!space) return tl::unexpected(space.error());
  return SweepSpace(Segment{std::move(frozen), std::move(*space), 0, 0, {}});
}

Result<void> SweepSpace::extend(const std::shared_ptr<const FrozenSweep>& frozen) {
  const auto added = append(frozen);
  if (!added) return tl::unexpected(added.error());
  if (*added > 0) return {};
  return tl::unexpected(adds_nothing(frozen->spec.name));
}

Error SweepSpace::adds_nothing(const std::string& sweep) {
  return {ErrorCode::kBadInput, sweep, "adds nothing: the sweep has all of its trials already",
          "add values, seeds or a higher run_cap"};
}

Result<std::int64_t> SweepSpace::append(const std::shared_ptr<const FrozenSweep>& frozen) {
  if (auto same = check_same_sweep(*segments_.front().frozen, *frozen); !same) {
    return tl::unexpected(same.error());
  }
  auto space = TrialSpace::make(frozen);
  if (!space) return tl::unexpected(space.error());
  Segment next{frozen, std::move(*space), raw(), 0, {}};
  std::vector<bool> covered(static_cast<std::size_t>(next.space.counts().raw));
  for (const Segment& segment : segments_) segment.space.mark_shared(next.space, covered);
  next.covered_count = std::count(covered.begin(), covered.end(), true);
  if (next.covered_count > 0) next.covered = std::move(covered);
  const std::int64_t added = next.space.counts().trials - next.covered_count;
  if (added == 0) return 0;
  if (learns()) next.space.adopt_points(segments_.back().space);
  segments_.push_back(std::move(next));
  last_number_ = -1;
  return added;
}

std::int64_t SweepSpace::raw() const {
  return segments_.back().base + segments_.back().space.counts().raw;
}

std::int64_t SweepSpace::trials() const {
  return std::accumulate(segments_.begin(), segments_.end(), std::int64_t{0},
                         [](std::int64_t sum, const Segment& segment) {
                           return sum + segment.space.counts().trials - segment.covered_count;
                         });
}

const SweepSpace::Segment* SweepSpace::segment_of(std::int64_t number) const {
  if (number < 0) return nullptr;
  const auto after =
      std::upper_bound(segments_.begin(), segments_.end(), number,
                       [](std::int64_t n, const Segment& segment) { return n < segment.base; });
  return &*std::prev(after);
}

const std::optional<TrialConfig>& SweepSpace::generated(std::int64_t number) const {
  if (number == last_number_) return last_config_;
  last_number_ = number;
  last_config_.reset();
  if (const Segment* segment = segment_of(number)) {
    const std::int64_t own = number - segment->base;
    last_config_ = segment->space.config(own);
    if (last_config_ && segment->covers(own)) last_config_.reset();
  }
  return last_config_;
}

bool SweepSpace::has(std::int64_t number) const {
  const Segment* segment = segment_of(number);
  if (segment == nullptr) return false;
  const std::int64_t own = number - segment->base;
  return segment->space.has(own) && !segment->covers(own);
}

std::optional<TrialConfig> SweepSpace::config(std::int64_t number) const {
  return generated(number);
}

const ResolvedArchitecture& SweepSpace::architecture(std::int64_t number) const {
  const auto& trial = generated(number);
  assert(trial);
  return segment_of(number)->space.architecture(*trial);
}

Cost SweepSpace::cost(std::int64_t number) const {
  const auto& trial = generated(number);
  assert(trial);
  return segment_of(number)->space.cost(*trial);
}

void SweepSpace::append_order(const Segment& segment, std::vector<std::int64_t>& order) const {
  for (const std::int64_t number : segment.space.dispatch_order(segment.covered))
    order.push_back(segment.base + number);
}

std::vector<std::int64_t> SweepSpace::dispatch_order() const {
  std::vector<std::int64_t> order;
  order.reserve(static_cast<std::size_t>(trials()));
  for (const Segment& segment : segments_) append_order(segment, order);
  return order;
}

std::vector<std::int64_t> SweepSpace::order_from(std::int64_t segment) const {
  std::vector<std::int64_t> order;
  for (auto one = segments_.begin() + segment; one != segments_.end(); ++one) {
    append_order(*one, order);
  }
  return order;
}

}  // namespace firesweep
