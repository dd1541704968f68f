// What is known of this host's speed before a sweep begins: from speeds.json, and by a short probe
// of the sibling firesweep-worker where that is not enough.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "coordinator/cli/estimate.h"

namespace firesweep {

struct HostQuestion {
  std::optional<int> slots;           // --workers
  std::optional<int> threads;         // --threads, of each
  std::optional<std::string> device;  // --device
  bool may_probe = true;
};

// Slots, device and speeds for a sweep of these kinds. A probe is made where one of them is not
// known on this host's CPU; where there is a GPU's driver the worker is always asked, since it
// alone knows what it would train on. Says on `notice` that it probes, where there is one. Never
// fails: `why_no_probe` tells what went wrong, and the answer then holds what is known without.
KnownHost know_host(const std::vector<ProbeKind>& kinds, const HostQuestion& question,
                    std::ostream* notice);

// The same from given speeds and cores, without GPU and probe. Pure.
KnownHost known_cpu(const HostSpeeds& speeds, const DeviceKey& cpu, const HostQuestion& question);

}  // namespace firesweep
