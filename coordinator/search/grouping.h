// What trials have in common: values of parameters, by name. Pure.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "shared/domain/trial_config.h"

namespace firesweep {

// "v3" or "v3 0.003": the same for trials of one group.
std::string group_of(const TrialConfig& config, const std::vector<std::string>& parameters);

// What is trained, whatever file it comes from: the architecture's content and every field but the
// seed and `without`.
std::string training_key(const TrialConfig& config, const std::string& architecture_hash,
                         std::initializer_list<std::string_view> without = {});

}  // namespace firesweep
