#include "coordinator/cli/known_host.h"

#include <algorithm>
#include <chrono>
#include <ostream>
#include <utility>

#include "coordinator/cli/worker_process.h"
#include "shared/base/host_resources.h"
#include "shared/codec/host_speeds.h"
#include "shared/domain/architecture.h"

namespace firesweep {
namespace {

// For two seconds of measuring, after LibTorch has come from a cold disk.
constexpr std::chrono::seconds kProbeLimit{30};

bool all_known(const std::vector<ProbeKind>& kinds, const KnownHost& host) {
  return std::ranges::all_of(kinds, [&](const ProbeKind& kind) {
    const auto resolved =
        resolve(kind.architecture, kind.classes, kind.config.arch_params, kind.config.dropout);
    return resolved &&
           find_speed(host.speeds, host.device,
                      training_kind(kind.config, kind.architecture.hash, cost_of(*resolved).macs),
                      host.share);
  });
}

std::string last_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

Result<ProbeAnswer> ask_probe(const std::vector<ProbeKind>& kinds, const HostQuestion& question) {
  std::vector<std::string> words{"bench-probe"};
  if (question.slots) words.insert(words.end(), {"--slots", std::to_string(*question.slots)});
  if (question.threads) words.insert(words.end(), {"--threads", std::to_string(*question.threads)});
  if (question.device) words.insert(words.end(), {"--device", *question.device});
  const auto said = ask_worker(words, encode_probe_kinds(kinds), kProbeLimit);
  if (!said) return tl::unexpected(said.error());
  if (said->code != 0) {
    const std::string why = last_line(said->errors);
    return fail(ErrorCode::kUnavailable, "firesweep-worker",
                why.empty() ? "ended with code " + std::to_string(said->code) : why);
  }
  return decode_probe_answer(said->output);
}

// The GPU of which something was learnt last: what this host trains on, as far as can be told
// without asking.
const DeviceSpeeds* newest_gpu(const HostSpeeds& speeds) {
  const DeviceSpeeds* newest = nullptr;
  std::int64_t at = -1;
  for (const DeviceSpeeds& of : speeds.devices) {
    if (of.device.cores > 0) continue;
    for (const LearntSpeed& speed : of.learnt) {
      if (speed.learnt_ms <= at) continue;
      newest = &of;
      at = speed.learnt_ms;
    }
  }
  return newest;
}

}  // namespace

KnownHost known_cpu(const HostSpeeds& speeds, const DeviceKey& cpu, const HostQuestion& question) {
  KnownHost host;
  host.device = cpu;
  host.speeds = speeds;
  const auto by_threads =
      question.threads ? std::max<std::int64_t>(1, cpu.cores / *question.threads) : cpu.cores;
  const bool one = !question.threads && one_slot_is_faster(speeds, cpu);
  host.slots = question.slots.value_or(static_cast<int>(one ? 1 : by_threads));
  host.share = {host.slots, question.threads.value_or(static_cast<int>(
                                std::max<std::int64_t>(1, cpu.cores / host.slots)))};
  return host;
}

KnownHost know_host(const std::vector<ProbeKind>& kinds, const HostQuestion& question,
                    std::ostream* notice) {
  const auto file = host_speeds_path();
  KnownHost host = known_cpu(file ? read_host_speeds(*file) : HostSpeeds{},
                             {cpu_name(), usable_cores()}, question);
  const bool gpu = question.device != "cpu" && has_gpu_driver();
  if (kinds.empty() || (!gpu && all_known(kinds, host))) return host;
  if (!question.may_probe) {
    host.why_no_probe = "--no-probe was given";
    if (const DeviceSpeeds* known = gpu ? newest_gpu(host.speeds) : nullptr) {
      host.device = known->device;
      host.slots = question.slots.value_or(1);
      host.share.slots = host.slots;
    }
    return host;
  }
  if (notice != nullptr) *notice << "probing this host's speed (2 s) …" << std::endl;
  auto answer = ask_probe(kinds, question);
  if (!answer) {
    host.why_no_probe = "no probe: " + answer.error().where + ": " + answer.error().what;
    return host;
  }
  host.device = std::move(answer->device);
  host.slots = answer->slots;
  host.share = answer->share;
  host.speeds = std::move(answer->speeds);
  host.probed_seconds = answer->probed_seconds;
  return host;
}

}  // namespace firesweep
