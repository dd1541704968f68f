#include <algorithm>
#include <cstdint>
#include <memory>
#include <variant>

#include "coordinator/search/trial_space.h"
#include "shared/codec/sweep_codec.h"
#include "shared/domain/sweep_spec.h"
#include "tests/fuzz/targets.h"

namespace firesweep::fuzz {
namespace {

constexpr std::string_view kSmallNetwork =
    R"({"format": 1, "input": [3, 32, 32], "params": {"width": 8},
        "blocks": [{"conv": "$width"}, "global_avg_pool", {"linear": "classes"}]})";
constexpr std::int64_t kMostPoints = 20'000;  // so that one input stays a matter of milliseconds

ArchitectureTexts networks() {
  ArchitectureTexts texts;
  for (const char* name : {"v1", "v2", "v3", "v4", "v5"}) texts[name] = kSmallNetwork;
  return texts;
}

// Whether its trials are soon listed; larger grids are refused or scanned in time that grows with
// them (search tests).
bool is_small(const SweepSpec& spec) {
  std::int64_t points = static_cast<std::int64_t>(spec.seeds.size());
  for (const Parameter& parameter : spec.parameters) {
    const auto* list = std::get_if<ValueList>(&parameter.domain);
    const auto values = list == nullptr ? 1 : static_cast<std::int64_t>(list->values.size());
    if (__builtin_mul_overflow(points, std::max<std::int64_t>(values, 1), &points)) return false;
  }
  const auto terms = static_cast<std::int64_t>(spec.exclude.size() + spec.constraints.size() + 1);
  return points <= kMostPoints / terms && spec.run_cap.value_or(0) <= kMostPoints / terms;
}

void try_sweep(Bytes bytes, std::string_view file_name) {
  static const ArchitectureTexts kNetworks = networks();
  const auto spec = decode_sweep(text_of(bytes), file_name);
  if (!spec) return require(!spec.error().what.empty(), "a refusal says what is wrong");
  const auto frozen = freeze(*spec, kNetworks, file_name);
  if (!frozen) return require(!frozen.error().what.empty(), "a refusal says what is wrong");
  const auto thawed = thaw(frozen->canonical, kNetworks);
  require(thawed.has_value(), "what was frozen thaws");
  require(thawed->canonical == frozen->canonical && thawed->hash == frozen->hash,
          "what was frozen thaws the same");
  if (!is_small(*spec)) return;
  const auto space = TrialSpace::make(std::make_shared<const FrozenSweep>(*frozen));
  if (!space) return require(!space.error().what.empty(), "a refusal says what is wrong");
  require(space->counts().trials > 0, "a sweep that is accepted has trials");
  for (const std::int64_t number : space->dispatch_order()) {
    require(space->config(number).has_value(), "each trial to dispatch has a config");
  }
}

}  // namespace

void try_sweep_json(Bytes bytes) { try_sweep(bytes, "x.json"); }
void try_sweep_yaml(Bytes bytes) { try_sweep(bytes, "x.yaml"); }

}  // namespace firesweep::fuzz
