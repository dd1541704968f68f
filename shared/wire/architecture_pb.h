// Internal to the room. Resolved architectures and trial configs, as generated messages.
#pragma once

#include "shared/domain/layers.h"
#include "shared/domain/trial_config.h"
#include "shared/wire/common_pb.h"

namespace firesweep {

void write(const ResolvedArchitecture& architecture, pb::ResolvedArchitecture& out);
void read(const pb::ResolvedArchitecture& in, ResolvedArchitecture& architecture, Checker& check);

// Driven by the field table: a field unknown to it, missing or repeated is an error.
void write(const TrialConfig& config, pb::TrialConfig& out);
void read(const pb::TrialConfig& in, TrialConfig& config, Checker& check);

}  // namespace firesweep
