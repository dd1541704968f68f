// Configs that train the same though some of their values are written differently: a val_size as a
// count or as a fraction, a schedule_epochs of 0 or as many as epochs. Pure.
#pragma once

#include <string>
#include <vector>

#include "shared/domain/dataset_info.h"
#include "shared/domain/sweep_spec.h"
#include "shared/domain/trial_config.h"

namespace firesweep {

// The config with such values as the training takes them: numbers of images and of epochs, none of
// them 0 for "all". Configs that differ only in how they write these become equal. Not for
// training: the config hash is of what is written.
TrialConfig as_trained(TrialConfig config, const DatasetInfo& dataset);

// Names of the parameters whose values are written in several ways, of those that the sweep varies.
std::vector<std::string> written_in_ways(const SweepSpec& spec);

// Whether a config of the one file may train what a config of the other does, and not be equal to
// it.
bool may_train_alike(const SweepSpec& a, const SweepSpec& b);

}  // namespace firesweep
