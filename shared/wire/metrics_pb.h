// Internal to the room. What training measures, as generated messages.
#pragma once

#include "shared/domain/metrics.h"
#include "shared/wire/common_pb.h"

namespace firesweep {

void write(const LiveProgress& live, pb::LiveProgress& out);
void read(const pb::LiveProgress& in, LiveProgress& live, Checker& check);

void write(const EpochMetrics& metrics, pb::EpochMetrics& out);
void read(const pb::EpochMetrics& in, EpochMetrics& metrics, Checker& check);

void write(const TrialResult& result, pb::TrialResult& out);
void read(const pb::TrialResult& in, TrialResult& result, Checker& check);

}  // namespace firesweep
