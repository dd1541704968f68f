// In which order the trials of a space begin.
#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "coordinator/search/trial_point.h"
#include "shared/domain/dataset_info.h"
#include "shared/domain/methods.h"
#include "shared/domain/trial_work.h"

namespace firesweep {
namespace {

// Walks the points of an interleaved order as if they were shuffled.
constexpr std::int64_t kShuffle = 0;

// Of entries in their order.
template <class Entry>
std::vector<std::int64_t> numbers_of(const std::vector<Entry>& entries) {
  std::vector<std::int64_t> numbers;
  numbers.reserve(entries.size());
  for (const Entry& entry : entries) numbers.push_back(entry.number);
  return numbers;
}

}  // namespace

std::vector<std::int64_t> TrialSpace::dispatch_order(const std::vector<bool>& skipped) const {
  if (learns(frozen_->spec.method)) return in_order(skipped);
  return frozen_->spec.order == DispatchOrder::kInterleaved ? interleaved(skipped)
                                                            : longest_first(skipped);
}

bool TrialSpace::wants(std::int64_t number, const std::vector<bool>& skipped) const {
  return has(number) && (skipped.empty() || !skipped[static_cast<std::size_t>(number)]);
}

std::vector<std::int64_t> TrialSpace::interleaved(const std::vector<bool>& skipped) const {
  struct Entry {
    std::int64_t seed;   // its place in the list
    std::int64_t round;  // how many of the same seed and variant come before it
    std::int32_t variant;
    std::int64_t number;
  };
  std::vector<Entry> entries;
  entries.reserve(static_cast<std::size_t>(counts_.trials));
  std::map<std::string, std::int32_t> variants;
  std::map<std::pair<std::int64_t, std::int32_t>, std::int64_t> rounds;
  const std::int64_t points = (end_ + seed_count() - 1) / seed_count();
  const Permutation shuffled(points, kShuffle);
  Point point(*this);
  PartialConfig config(point, [](std::string_view parameter) { return parameter == "variant"; });
  for (std::int64_t i = 0; i < points; ++i) {
    const std::int64_t first = shuffled.at(i) * seed_count();
    std::optional<std::int32_t> variant;
    for (std::int64_t seed = 0; seed < seed_count(); ++seed) {
      if (!wants(first + seed, skipped)) continue;
      if (!variant) {
        const auto next = static_cast<std::int32_t>(variants.size());
        point.move_to(shuffled.at(i));
        variant = variants.try_emplace(config.read().variant, next).first->second;
      }
      entries.push_back({seed, rounds[{seed, *variant}]++, *variant, first + seed});
    }
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.seed, a.round, a.variant, a.number) <
           std::tie(b.seed, b.round, b.variant, b.number);
  });
  return numbers_of(entries);
}

std::vector<std::int64_t> TrialSpace::longest_first(const std::vector<bool>& skipped) const {
  struct Entry {
    double work;
    std::int64_t round;  // how many of the same work and variant come before it
    std::int32_t variant;
    std::int64_t number;
  };
  std::vector<Entry> entries;
  entries.reserve(static_cast<std::size_t>(counts_.trials));
  std::map<std::string, std::int32_t> variants;
  std::map<std::pair<double, std::int32_t>, std::int64_t> rounds;
  std::vector<std::int64_t> numbers;  // of one point
  Point at(*this);
  PartialConfig partial(at, is_of_cost);
  const std::int64_t images = dataset_info(frozen_->spec.dataset).train_count;
  for (std::int64_t point = 0; point * seed_count() < end_; ++point) {
    numbers.clear();
    for (std::int64_t seed = 0; seed < seed_count(); ++seed) {
      if (wants(point * seed_count() + seed, skipped))
        numbers.push_back(point * seed_count() + seed);
    }
    if (numbers.empty()) continue;
    at.move_to(point);
    const TrialConfig& config = partial.read();
    const auto work = static_cast<double>(trial_macs(config, partial.cost().macs, images));
    const auto next = static_cast<std::int32_t>(variants.size());
    const std::int32_t variant = variants.try_emplace(config.variant, next).first->second;
    std::int64_t& round = rounds[{work, variant}];
    for (const std::int64_t number : numbers) entries.push_back({work, round++, variant, number});
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    if (a.work != b.work) return a.work > b.work;
    return std::tie(a.round, a.variant, a.number) < std::tie(b.round, b.variant, b.number);
  });
  return numbers_of(entries);
}

}  // namespace firesweep
