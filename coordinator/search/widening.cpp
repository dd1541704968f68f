#include "coordinator/search/widening.h"

#include <algorithm>

namespace firesweep {
namespace {

WidenedFile with_seeds(const TrialSpace& file, const std::vector<std::int64_t>& seeds) {
  SweepSpec spec = file.frozen().spec;
  const auto before = static_cast<std::int64_t>(spec.seeds.size());
  const std::int64_t points = (file.counts().trials + before - 1) / before;
  if (spec.run_cap) spec.run_cap = points * static_cast<std::int64_t>(seeds.size());
  spec.seeds = seeds;
  return {std::move(spec), &file.frozen().architectures};
}

}  // namespace

Result<std::vector<WidenedFile>> files_that_widen(const SweepSpace& space, const Widening& by) {
  for (auto seed = by.seeds.begin(); seed != by.seeds.end(); ++seed) {
    if (std::find(by.seeds.begin(), seed, *seed) == seed) continue;
    return fail(ErrorCode::kBadInput, "--seeds",
                "found " + std::to_string(*seed) + " again, expected each seed once");
  }
  if (by.seeds.empty() == !by.run_cap.has_value()) {
    return fail(ErrorCode::kBadInput, "extend", "expected seeds or a run_cap, one of them");
  }
  std::vector<WidenedFile> files;
  if (by.run_cap) {
    const TrialSpace& newest = space.file(space.segments() - 1);
    files.push_back({newest.frozen().spec, &newest.frozen().architectures});
    files.back().spec.run_cap = by.run_cap;
    return files;
  }
  for (std::int64_t i = 0; i < space.segments(); ++i) {
    files.push_back(with_seeds(space.file(i), by.seeds));
  }
  return files;
}

}  // namespace firesweep
