// This host's speed before a sweep begins: from speeds.json and, if that is not enough, from a
// short probe by firesweep-worker.
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

// Slots, device and speeds for a sweep of these kinds. Probes if the speed of a kind is not known
// on this host's CPU. If there is a GPU driver, it always asks the worker, since only the worker
// knows on which device it would train. Writes to `notice`, if given, that it probes. Never fails:
// `why_no_probe` says what went wrong, and the answer then has what is known without the probe.
KnownHost know_host(const std::vector<ProbeKind>& kinds, const HostQuestion& question,
                    std::ostream* notice);

// The same for given speeds and cores, without GPU and probe. Pure.
KnownHost known_cpu(const HostSpeeds& speeds, const DeviceKey& cpu, const HostQuestion& question);

}  // namespace firesweep
