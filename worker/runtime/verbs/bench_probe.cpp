#include "worker/runtime/verbs/bench_probe.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <iostream>
#include <iterator>
#include <numeric>
#include <span>
#include <string>
#include <utility>

#include "shared/base/clock.h"
#include "shared/base/host_resources.h"
#include "shared/codec/host_speeds.h"
#include "shared/codec/speed_probe.h"
#include "shared/domain/architecture.h"
#include "worker/runtime/exit_codes.h"
#include "worker/runtime/report_error.h"
#include "worker/runtime/supervisor/slot_plan.h"

namespace firesweep {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kLeastShare = 0.2;  // seconds
constexpr double kByWork = 0.25;     // of the time is shared by the work of an image

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// Where trials of this host would train, as the supervisor plans it.
struct ProbeTarget {
  std::string device;  // "cpu" or "cuda:N"
  ProbeAnswer answer;  // without speeds
};

Result<ProbeTarget> plan_target(WorkerOptions options, const HostSpeeds& speeds,
                                const TorchTraining& torch) {
  const DeviceKey cpu{cpu_name(), usable_cores()};
  std::vector<std::string> gpus;
  if (needs_cuda_devices(options) && has_gpu_driver()) gpus = torch.probe_cuda_devices();
  if (gpus.empty()) options.slots = wanted_cpu_slots(options, speeds, cpu);
  const auto plan = plan_slots(options, static_cast<int>(cpu.cores), gpus);
  if (!plan) return tl::unexpected(plan.error());
  ProbeTarget target;
  target.device = plan->front().device;
  target.answer.slots = static_cast<std::int64_t>(plan->size());
  target.answer.share = share_of(*plan);
  target.answer.device = cpu;
  if (target.device != "cpu") {
    const auto gpu = torch.gpu_facts(std::stoi(target.device.substr(target.device.find(':') + 1)));
    target.answer.device = {gpu ? gpu->name : target.device, 0};
  }
  return target;
}

// Measures what is not known; what cannot be measured is left out.
void probe(const std::vector<ProbeKind>& kinds, const ProbeTarget& target, double budget,
           const TorchTraining& torch, HostSpeeds& speeds, std::vector<LearntSpeed>& found) {
  struct Unknown {
    ProbeOrder order;
    LearntSpeed speed;
  };
  std::vector<Unknown> unknown;
  for (const ProbeKind& kind : kinds) {
    auto resolved =
        resolve(kind.architecture, kind.classes, kind.config.arch_params, kind.config.dropout);
    if (!resolved) continue;
    LearntSpeed speed;
    speed.name = kind.architecture.name;
    speed.kind = training_kind(kind.config, kind.architecture.hash, cost_of(*resolved).macs);
    speed.share = target.answer.share;
    if (find_speed(speeds, target.answer.device, speed.kind, speed.share)) continue;
    unknown.push_back({{.architecture = *std::move(resolved),
                        .config = kind.config,
                        .device = target.device,
                        .slots = static_cast<int>(target.answer.share.slots),
                        .threads = static_cast<int>(target.answer.share.threads)},
                       std::move(speed)});
  }
  std::vector<double> works;
  for (const Unknown& one : unknown) works.push_back(static_cast<double>(one.speed.kind.macs));
  const Clock::time_point begin = Clock::now();
  for (std::size_t i = 0; i < unknown.size(); ++i) {
    Unknown& one = unknown[i];
    one.order.seconds = probe_share(budget - seconds_since(begin), std::span(works).subspan(i));
    if (one.order.seconds <= 0) break;
    try {
      one.speed.images = torch.probe_speed(one.order);
    } catch (const std::exception& failed) {
      std::cerr << "firesweep-worker: " << one.speed.name << ": " << failed.what() << "\n";
      continue;
    }
    one.speed.seconds = 1;
    one.speed.learnt_ms = system_now().utc.count();
    learn(speeds, target.answer.device, one.speed);
    found.push_back(one.speed);
  }
}

}  // namespace

double probe_share(double left, std::span<const double> works) {
  if (left < kLeastShare / 2) return 0;
  const double all = std::accumulate(works.begin(), works.end(), 0.0);
  const double by_work = all > 0 ? works[0] / all : 1.0 / static_cast<double>(works.size());
  const double part = (1 - kByWork) / static_cast<double>(works.size()) + kByWork * by_work;
  return std::min(left, std::max(kLeastShare, left * part));
}

int bench_probe(const command::BenchProbe& wanted, const TorchTraining& torch) {
  if (!torch)
    return report_error({ErrorCode::kUnavailable, "bench-probe", "this build has no LibTorch", ""});
  const std::string given{std::istreambuf_iterator<char>(std::cin), {}};
  const auto kinds = decode_probe_kinds(given);
  if (!kinds) return report_error(kinds.error());
  HostSpeeds speeds = wanted.speeds_file ? read_host_speeds(*wanted.speeds_file) : HostSpeeds{};
  auto target = plan_target(wanted.options, speeds, torch);
  if (!target) return report_error(target.error());
  torch.set_up(static_cast<int>(target->answer.share.threads));
  const Clock::time_point begin = Clock::now();
  std::vector<LearntSpeed> found;
  probe(*kinds, *target, wanted.seconds, torch, speeds, found);
  if (!found.empty()) target->answer.probed_seconds = seconds_since(begin);
  if (wanted.speeds_file && !found.empty()) {
    const auto kept = update_host_speeds(*wanted.speeds_file, [&](HostSpeeds& all) {
      for (const LearntSpeed& speed : found) learn(all, target->answer.device, speed);
    });
    if (!kept) std::cerr << to_string(kept.error()) << "\n";  // this preview knows it all the same
  }
  for (DeviceSpeeds& of : speeds.devices)
    if (of.device == target->answer.device) target->answer.speeds.devices.push_back(std::move(of));
  std::cout << encode_probe_answer(target->answer) << std::endl;
  return kWorkerDone;
}

}  // namespace firesweep
