#include "coordinator/core/matching.h"

#include <algorithm>

#include "shared/domain/conditions.h"
#include "shared/domain/fields.h"

namespace firesweep {
namespace {

constexpr std::size_t kShownHashDigits = 4;

bool has_trainer(const Capabilities& capabilities, const FrozenSweep& frozen) {
  const auto& trainers = capabilities.trainers;
  return std::find(trainers.begin(), trainers.end(), to_string(frozen.spec.trainer)) !=
         trainers.end();
}

bool has_dataset(const Capabilities& capabilities, const FrozenSweep& frozen) {
  if (frozen.spec.trainer == Trainer::kSimulated) return true;
  const auto& datasets = capabilities.datasets;
  return std::any_of(datasets.begin(), datasets.end(), [&](const DatasetOnHost& dataset) {
    return dataset.checksum == frozen.dataset_checksum;
  });
}

// Whether trials with that value say so by the field's own name, not by a former one's or not at
// all.
bool is_told(const Field& field, const Value& value) {
  const auto known = written(field, value);
  return known && known->name == field.name;
}

bool asks_for(const SweepSpec& spec, const Field& field) {
  const auto swept =
      std::find_if(spec.parameters.begin(), spec.parameters.end(),
                   [&](const Parameter& parameter) { return parameter.name == field.name; });
  if (swept == spec.parameters.end() || condition_of(spec, field.name) != nullptr) {
    if (is_told(field, get_field(spec.base, field))) return true;
    if (swept == spec.parameters.end()) return false;
  }
  const auto* list = std::get_if<ValueList>(&swept->domain);
  return list == nullptr || std::any_of(list->values.begin(), list->values.end(),
                                        [&](const Value& value) { return is_told(field, value); });
}

// A hyperparameter that the sweep asks for and the worker's build does not know, or null.
const Field* unknown_field(const Capabilities& capabilities, const FrozenSweep& frozen) {
  const auto& known = capabilities.fields;
  for (const Field& field : fields()) {
    if (field.since == 1) continue;
    if (std::find(known.begin(), known.end(), field.name) != known.end()) continue;
    if (asks_for(frozen.spec, field)) return &field;
  }
  return nullptr;
}

}  // namespace

bool can_run(const Capabilities& capabilities, const FrozenSweep& frozen) {
  return has_trainer(capabilities, frozen) && has_dataset(capabilities, frozen) &&
         unknown_field(capabilities, frozen) == nullptr;
}

bool fits_amp(const Capabilities& capabilities, const std::string& amp) {
  if (amp == "auto" || amp == "off") return true;
  const auto& kinds = capabilities.amp_kinds;
  return std::find(kinds.begin(), kinds.end(), amp) != kinds.end();
}

std::string why_blocked(const std::vector<const Capabilities*>& workers, const FrozenSweep& frozen,
                        const std::vector<std::string>& amps) {
  const std::string lead = "no capable worker: none ";
  std::vector<const Capabilities*> left = workers;
  const auto keep = [&left](auto&& able) {
    std::erase_if(left, [&](const Capabilities* worker) { return !able(*worker); });
    return !left.empty();
  };
  if (left.empty()) return lead + "is connected";
  if (!keep([&](const Capabilities& c) { return has_trainer(c, frozen); })) {
    return lead + "has trainer " + std::string(to_string(frozen.spec.trainer));
  }
  if (!keep([&](const Capabilities& c) { return has_dataset(c, frozen); })) {
    return lead + "has dataset " + std::string(to_string(frozen.spec.dataset)) + " (sha256 " +
           frozen.dataset_checksum.substr(0, kShownHashDigits) + "…)";
  }
  const Field* const unknown = unknown_field(*left.front(), frozen);
  if (!keep([&](const Capabilities& c) { return unknown_field(c, frozen) == nullptr; })) {
    return lead + "knows the hyperparameter " + std::string(unknown->name);
  }
  for (const std::string& amp : amps) {
    const bool served = std::any_of(left.begin(), left.end(),
                                    [&](const Capabilities* c) { return fits_amp(*c, amp); });
    if (!served) return lead + "has amp " + amp;
  }
  return {};
}

}  // namespace firesweep
