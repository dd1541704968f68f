// What a sweep will cost, before spending it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "coordinator/search/trial_space.h"
#include "shared/codec/host_speeds.h"

namespace firesweep {

struct VariantShare {
  std::int64_t trials = 0;
  Cost cost;             // of its largest trial
  double work_macs = 0;  // training work of all its trials
};

struct Estimate {
  TrialSpace::Counts counts;
  std::map<std::string, VariantShare> variants;
  double work_macs = 0;  // forward and backward over all trials
  double seconds = 0;    // on `slots` slots
  std::string basis;     // how the speed was known
  double bytes = 0;      // that its rows take in the database
};

// Work is analytic: 3 × MACs × images × epochs a trial. Speed is `measured_macs_per_s` of one slot
// where there is one (from earlier results in the database), else that of `host` for the
// architectures measured there or for what it trained, else an assumption for this machine's cores,
// and `basis` says which. Simulated trials cost what they say, and each trial what handing it out
// and keeping its rows costs. Pure but for the number of cores.
Estimate estimate(const TrialSpace& space, int slots, std::optional<double> measured_macs_per_s,
                  const std::optional<HostSpeeds>& host = {});

}  // namespace firesweep
