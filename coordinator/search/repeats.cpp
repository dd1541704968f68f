#include "coordinator/search/repeats.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "coordinator/search/draw_rules.h"
#include "coordinator/search/grouping.h"
#include "coordinator/search/hash_set.h"
#include "coordinator/search/trial_point.h"
#include "shared/base/splitmix.h"
#include "shared/domain/conditions.h"
#include "shared/domain/dataset_info.h"
#include "shared/domain/fields.h"
#include "shared/domain/methods.h"
#include "shared/domain/trial_work.h"

namespace firesweep {
namespace {

constexpr std::int64_t kMostLookedThrough = 200'000;
constexpr std::int64_t kSampled = 1'000;  // of points that are not known yet

// What is trained, whatever is written in fields without effect.
std::string key_of(TrialConfig config) {
  config = without_idle_values(std::move(config));
  return std::to_string(config.seed) + training_key(config, {});
}

// Whether settings without effect repeat trials, where nothing takes points away.
bool is_sure_to_repeat(const SweepSpec& spec) {
  return spec.method == Method::kGrid && spec.zip.empty() && spec.exclude.empty() &&
         spec.constraints.empty() && !spec.run_cap;
}

bool is_pixel(const Shape& shape) {
  return shape.flat() || (shape.height == 1 && shape.width == 1);
}

bool norms_one_pixel(const ResolvedArchitecture& architecture) {
  const std::vector<LayerRow> rows = layer_table(architecture);
  return std::any_of(rows.begin(), rows.end(), [](const LayerRow& row) {
    return row.kind.find("BatchNorm") != std::string::npos && is_pixel(row.output);
  });
}

}  // namespace

Repeats find_repeats(const TrialSpace& space) {
  Repeats repeats;
  const SweepSpec& spec = space.frozen().spec;
  const std::int64_t trials = space.counts().trials;
  repeats.notes = idle_notes(spec);
  if (learns(spec.method)) {  // its trials are not known yet
    repeats.remedy = idle_remedy(spec);
    const bool said = !repeats.remedy.members.empty() || !repeats.remedy.parameters.empty();
    return said ? repeats : Repeats{};
  }
  const bool may_draw_again = draws(spec.method) && spec.rules < kFirstWithoutRepeats;
  if (repeats.notes.empty() && !may_draw_again) return {};
  const std::int64_t most = std::min(trials, kMostLookedThrough);
  const auto always_counts = [](std::string_view name) { return !may_be_idle(name); };
  if (space.are_told_apart(always_counts, most)) return {};
  HashSet keys;
  std::int64_t seen = 0;
  for (std::int64_t number = 0; number < space.counts().raw && seen < most; ++number) {
    const auto config = space.config(number);
    if (!config) continue;
    ++seen;
    keys.insert(fnv1a(key_of(*config)));
  }
  const auto different = static_cast<std::int64_t>(keys.size());
  const bool repeated = different < seen || (seen < trials && is_sure_to_repeat(spec));
  if (!repeated) return {};
  if (seen == trials) repeats.different = different;
  if (repeats.notes.empty()) {
    repeats.notes.emplace_back("the method drew points again");
  } else {
    repeats.remedy = idle_remedy(spec);
  }
  return repeats;
}

Result<void> check_last_batches(const TrialSpace& space) {
  const SweepSpec& spec = space.frozen().spec;
  if (spec.trainer == Trainer::kSimulated) return {};
  const DatasetInfo& dataset = dataset_info(spec.dataset);
  if (spec.base.drop_last && !place_of_parameter(spec, "drop_last")) return {};
  std::map<std::string, bool> norms;  // by what is trained
  const auto check = [&](const TrialConfig& config) -> Result<void> {
    if (config.drop_last) return {};
    const std::int64_t images = trial_images(config, dataset.train_count).training;
    if (images % config.batch_size != 1) return {};
    std::string key = config.variant;
    for (const auto& [name, value] : config.arch_params) key += '\n' + name + to_string(value);
    auto norm = norms.find(key);
    if (norm == norms.end()) {
      norm = norms.emplace(key, norms_one_pixel(space.architecture(config))).first;
    }
    if (!norm->second) return {};
    return fail(ErrorCode::kBadInput, "/parameters/batch_size",
                "found " + std::to_string(config.batch_size) + ": of " + std::to_string(images) +
                    " training images the last batch holds one, and " + config.variant +
                    " normalises maps of one pixel, which then have no variance",
                "write \"drop_last\": {\"value\": true}, or another batch_size or train_size");
  };
  if (learns(spec.method)) {
    for (const TrialConfig& config : space.sample(kSampled)) {
      if (auto good = check(config); !good) return good;
    }
    return {};
  }
  TrialSpace::Point point(space);
  TrialSpace::PartialConfig config(point, is_of_cost);
  const auto seeds = static_cast<std::int64_t>(spec.seeds.size());
  const std::int64_t most = std::min(space.counts().raw, kMostLookedThrough);
  for (std::int64_t number = 0; number < most; ++number) {
    if (!space.has(number)) continue;
    point.move_to(number / seeds);
    if (auto good = check(config.read()); !good) return good;
  }
  return {};
}

}  // namespace firesweep
