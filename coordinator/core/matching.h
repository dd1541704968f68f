// Which worker can run which sweep and trial, and in words why none can. Pure.
#pragma once

#include <string>
#include <vector>

#include "shared/domain/sweep_spec.h"
#include "shared/wire/messages.h"

namespace firesweep {

// Trainer, dataset by checksum unless the trainer is "simulated", and every hyperparameter that the
// sweep asks for and builds of version 1 did not know.
bool can_run(const Capabilities& capabilities, const FrozenSweep& frozen);

// Of the config's `amp`: "auto" and "off" always fit.
bool fits_amp(const Capabilities& capabilities, const std::string& amp);

// Why no worker of these can run trials of the sweep that ask for one of `amps` (empty: any will
// do): "no capable worker: none has dataset cifar100 (sha256 f312…)"; empty where one can.
std::string why_blocked(const std::vector<const Capabilities*>& workers, const FrozenSweep& frozen,
                        const std::vector<std::string>& amps);

}  // namespace firesweep
