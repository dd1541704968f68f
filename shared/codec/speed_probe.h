// The question that `firesweep preview` and `run` ask `firesweep-worker bench-probe`, and its
// answer: JSON on standard input and output.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/base/error.h"
#include "shared/domain/architecture.h"
#include "shared/domain/host_speeds.h"
#include "shared/domain/trial_config.h"

namespace firesweep {

// One kind of trial whose speed is wanted: an example config and its network.
struct ProbeKind {
  TrialConfig config;
  Architecture architecture;
  std::int64_t classes = 0;
};

struct ProbeAnswer {
  DeviceKey device;           // that trials of this host would train on
  std::int64_t slots = 1;     // of the host
  DeviceShare share;          // of each device
  double probed_seconds = 0;  // of measuring; 0 where everything was known
  HostSpeeds speeds;          // what is known of the device now
};

// JSON. The kinds are in the order in which they should be measured. Pure.
std::string encode_probe_kinds(const std::vector<ProbeKind>& kinds);
Result<std::vector<ProbeKind>> decode_probe_kinds(std::string_view text);
std::string encode_probe_answer(const ProbeAnswer& answer);
Result<ProbeAnswer> decode_probe_answer(std::string_view text);

}  // namespace firesweep
