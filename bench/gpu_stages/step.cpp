// Images per second of one training step, ours beside PyTorch eager, torch.compile and its mode
// reduce-overhead, on one device in one precision. What is to be compiled is compiled first, all at
// the same time, each in a process of its own; then everything is measured in interleaved rounds
// while the rest is idle. A peer that fails or is late is a word in the row; the others go on.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <stdexcept>

#include "bench/gpu_stages/parts.h"
#include "bench/our_step.h"
#include "bench/peer.h"
#include "bench/report.h"
#include "worker/training/device.h"
#include "worker/training/export/python_model.h"

namespace firesweep::bench {
namespace {

struct Plan {
  std::vector<std::int64_t> batches = {128, 64, 512};
  std::int64_t main_batch = 128;  // the only one that is compiled
  int rounds = 3;
  double seconds = 0.4;         // a round of each
  double compile_limit = 240;   // seconds for all that is compiled
  double compile_share = 0.45;  // at most, of the part's time
  double warm_limit = 60;       // seconds for eager's first steps
};

Plan plan_of(const Task& task) {
  if (task.options.small)
    return {.batches = {8}, .main_batch = 8, .rounds = 1, .seconds = 0.3, .compile_limit = 60};
  return {};
}

// torch.compile's default mode gains little on small networks, so one variant is enough to say so.
std::vector<std::string> compiled_modes(const Task& task, const std::string& variant) {
  const std::vector<std::string>& all = task.options.variants;
  const bool has_v3 = std::ranges::find(all, "v3") != all.end();
  const bool chosen = variant == (has_v3 && !task.options.small ? "v3" : all.front());
  if (chosen) return {"reduce-overhead", "compile"};
  if (task.options.small) return {};
  return {"reduce-overhead"};
}

// One of those compared. Failed, it says why and takes no further part.
struct Measurements {
  std::vector<double> rates;
  std::string failed;

  template <class Measure>
  void measure(Measure&& once) {
    if (!failed.empty()) return;
    try {
      rates.push_back(once());
    } catch (const std::exception& error) {
      failed = std::string(error.what()).substr(0, 200);
    }
  }
  double rate() const { return failed.empty() ? median(rates) : 0; }
  Facts shown() const { return failed.empty() ? Facts(median(rates)) : Facts(failed); }
};

// A way of PyTorch to train one variant, in a process of its own.
struct PeerMode {
  std::string variant, mode;
  std::unique_ptr<Peer> peer;
  std::string failed;  // and then there is no peer

  template <class Act>
  void attempt(Act&& act) {
    if (peer == nullptr) return;
    try {
      act(*peer);
    } catch (const std::exception& error) {
      failed = std::string(error.what()).substr(0, 200);
      peer.reset();
    }
  }
};

// What was compiled once is found again by the next call with the same scratch folder.
void keep_compiled_code(const Task& task) {
  const std::string folder = (task.options.scratch / "inductor").string();
  ::setenv("TORCHINDUCTOR_CACHE_DIR", folder.c_str(), 1);
  ::setenv("TORCHINDUCTOR_FX_GRAPH_CACHE", "1", 1);
  ::setenv("TORCHINDUCTOR_AUTOGRAD_CACHE", "1", 1);
  ::setenv("TORCHINDUCTOR_COMPILE_THREADS", "2", 1);  // of each process; there are several
}

// Starts every peer of every variant; empty where there is no Python with torch.
std::vector<PeerMode> start_peer_modes(const Task& task, const std::string& amp) {
  const auto python = python_with_torch();
  if (!python) {
    tell(task, "no peers", {{"why", to_string(python.error())}});
    return {};
  }
  keep_compiled_code(task);
  std::vector<PeerMode> peer_modes;
  for (const std::string& variant : task.options.variants) {
    const std::filesystem::path file = task.options.scratch / ("model_" + variant + ".py");
    std::ofstream(file) << python_model(architecture(variant), {}, {}, "for bench/gpu");
    std::vector<std::string> modes = compiled_modes(task, variant);
    modes.insert(modes.begin(), "eager");
    for (const std::string& mode : modes) {
      const std::vector<std::string> words = {file.string(), std::to_string(task.options.threads),
                                              task.options.device, amp};
      peer_modes.push_back(
          {variant, mode, std::make_unique<Peer>(*python, "train_step.py", words), ""});
    }
  }
  return peer_modes;
}

void compile_all(const Task& task, const Plan& plan, std::vector<PeerMode>& peer_modes) {
  const double limit = std::min(plan.compile_limit, plan.compile_share * task.seconds_left());
  const Clock::time_point begin = Clock::now();
  const auto gone = [&] { return std::chrono::duration<double>(Clock::now() - begin).count(); };
  const auto compiled = [&](auto&& act) {
    for (PeerMode& peer_mode : peer_modes)
      if (peer_mode.mode != "eager") peer_mode.attempt([&](Peer& peer) { act(peer_mode, peer); });
  };
  compiled([&](PeerMode& peer_mode, Peer& peer) {
    peer.send("warm " + peer_mode.mode + " " + std::to_string(plan.main_batch));
  });
  Facts seconds = {{"limit_s", limit}};
  compiled([&](PeerMode& peer_mode, Peer& peer) {
    try {
      seconds[peer_mode.variant + " " + peer_mode.mode] =
          peer.answer(std::max(0.1, limit - gone()));
    } catch (const std::exception&) {
      const bool late = gone() >= limit;
      seconds[peer_mode.variant + " " + peer_mode.mode] = late ? "late" : "failed";
      if (late) throw std::runtime_error("not compiled within " + short_number(limit) + " s");
      throw;
    }
  });
  seconds["all"] = gone();
  tell(task, "seconds to compile", seconds);
}

struct OwnStep {
  std::string name;
  std::unique_ptr<OurStep> step;
  Measurements measurements;
};

OwnStep made(const std::string& variant, const std::string& name, const StepOptions& way) {
  OwnStep ours{name, nullptr, {}};
  try {
    ours.step = std::make_unique<OurStep>(architecture(variant), way);
  } catch (const std::exception& error) {
    ours.measurements.failed = std::string(error.what()).substr(0, 200);
  }
  return ours;
}

void measure_batch(const Task& task, const std::string& variant, const StepOptions& options,
                   std::vector<PeerMode>& peer_modes, const Plan& plan) {
  const std::string batch = " " + std::to_string(options.batch);
  const std::string round_s = " " + std::to_string(plan.seconds);
  std::vector<std::pair<PeerMode*, Measurements>> peers;
  for (PeerMode& peer_mode : peer_modes) {
    const bool eager = peer_mode.mode == "eager";
    if (peer_mode.variant != variant || (!eager && options.batch != plan.main_batch)) continue;
    if (eager)
      peer_mode.attempt([&](Peer& peer) { peer.ask("warm eager" + batch, plan.warm_limit); });
    peers.push_back({&peer_mode, {{}, peer_mode.failed}});
  }
  std::vector<OwnStep> ours;
  for (const auto& [name, way] : our_ways(options)) ours.push_back(made(variant, name, way));
  for (int round = 0; round < plan.rounds; ++round) {
    for (OwnStep& own : ours) {
      own.measurements.measure(
          [&] { return rate(plan.seconds, [&] { return own.step->images_of_steps(); }); });
    }
    for (auto& [peer_mode, measurements] : peers) {
      measurements.measure(
          [&] { return peer_mode->peer->ask("rate " + peer_mode->mode + batch + round_s, 30); });
    }
  }
  for (OwnStep& own : ours) own.step.reset();
  release_cached_memory(options.device);

  Facts facts = {{"amp", to_string(options.amp)}};
  double best = 0, eager = 0, compiled = 0;
  for (const OwnStep& own : ours) {
    facts[own.name] = own.measurements.shown();
    best = std::max(best, own.measurements.rate());
  }
  for (const auto& [peer_mode, measurements] : peers) {
    facts[peer_mode->mode] = measurements.shown();
    double& of_kind = peer_mode->mode == "eager" ? eager : compiled;
    of_kind = std::max(of_kind, measurements.rate());
    if (measurements.failed.empty()) {
      if (peer_mode->mode == "eager") peer_mode->attempt([](Peer& peer) { peer.ask("drop", 30); });
    } else if (peer_mode->peer != nullptr) {
      peer_mode->failed = measurements.failed;
      peer_mode->peer.reset();
    }
  }
  if (eager > 0) facts["x_eager"] = best / eager;
  if (compiled > 0) facts["x_compiled"] = best / compiled;
  tell(task, variant + " batch" + batch, facts);
}

}  // namespace

void measure_step(const Task& task) {
  const auto device = open_device(task.options.device);
  if (!device) throw std::runtime_error(to_string(device.error()));
  set_deterministic(false);
  const std::vector<std::string> kinds = amp_kinds_of(ability_of(*device));
  const Amp amp = std::ranges::find(kinds, "bf16") != kinds.end() ? Amp::kBf16 : Amp::kOff;
  const Plan plan = plan_of(task);
  std::vector<PeerMode> peer_modes = start_peer_modes(task, to_string(amp));
  if (!peer_modes.empty()) compile_all(task, plan, peer_modes);
  for (const std::string& variant : task.options.variants) {
    for (const std::int64_t batch : plan.batches) {
      if (task.seconds_left() < 5)
        throw std::runtime_error("no time left for " + variant + " at batch " +
                                 std::to_string(batch));
      measure_batch(task, variant, {.device = *device, .amp = amp, .batch = batch}, peer_modes,
                    plan);
    }
    std::erase_if(peer_modes,
                  [&](const PeerMode& peer_mode) { return peer_mode.variant == variant; });
  }
}

}  // namespace firesweep::bench
