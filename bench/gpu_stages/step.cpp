// Images per second of one training step, ours beside PyTorch eager, torch.compile and its mode
// reduce-overhead, on one device in one precision, in interleaved rounds. A peer that fails or is
// late is a word in the row; the others go on.
#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <stdexcept>

#include "bench/gpu_stages/parts.h"
#include "bench/our_step.h"
#include "bench/peer.h"
#include "bench/report.h"
#include "worker/training/device.h"
#include "worker/training/python_model.h"

namespace firesweep::bench {
namespace {

struct Plan {
  std::vector<std::int64_t> batches;
  int rounds = 3;
  double seconds = 1;             // a round of each
  double warm_limit = 100;        // seconds for a peer to compile
  std::int64_t main_batch = 128;  // at which everything is compiled
};

Plan plan_of(const Task& task) {
  if (task.options.small)
    return {.batches = {8}, .rounds = 1, .seconds = 0.3, .warm_limit = 60, .main_batch = 8};
  return {.batches = {128, 64, 512}};
}

// What torch.compile costs in time decides who takes part: eager always, compiled ones at the main
// batch size and for the first variant at all.
std::vector<std::string> modes_of(const Task& task, const std::string& variant, std::int64_t batch,
                                  const Plan& plan) {
  const bool first = variant == task.options.variants.front();
  if (task.options.small ? first : first || batch == plan.main_batch)
    return {"eager", "compile", "reduce-overhead"};
  return {"eager"};
}

std::unique_ptr<Peer> start_peer(const Task& task, const std::string& variant,
                                 const std::string& amp, std::string& why_not) {
  const auto python = python_with_torch();
  if (!python) {
    why_not = to_string(python.error());
    return nullptr;
  }
  const std::filesystem::path file = task.options.scratch / ("model_" + variant + ".py");
  std::ofstream(file) << python_model(architecture(variant), {}, "for bench/gpu");
  return std::make_unique<Peer>(
      *python, "train_step.py",
      std::vector<std::string>{file.string(), std::to_string(task.options.threads),
                               task.options.device, amp});
}

// One of those compared. Failed, it says why and takes no further part.
struct Side {
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

struct Ours {
  std::string name;
  std::unique_ptr<OurStep> step;
  Side side;
};

Ours made(const std::string& variant, const std::string& name, const StepPlace& way) {
  Ours ours{name, nullptr, {}};
  try {
    ours.step = std::make_unique<OurStep>(architecture(variant), way);
  } catch (const std::exception& error) {
    ours.side.failed = std::string(error.what()).substr(0, 200);
  }
  return ours;
}

void measure_batch(const Task& task, const std::string& variant, const StepPlace& place, Peer* peer,
                   const Plan& plan) {
  const std::string batch = " " + std::to_string(place.batch);
  std::vector<Ours> ours;
  for (const auto& [name, way] : our_ways(place)) ours.push_back(made(variant, name, way));
  std::vector<std::pair<std::string, Side>> peers;
  if (peer != nullptr) {
    for (const std::string& mode : modes_of(task, variant, place.batch, plan)) {
      Side side;
      const double limit = std::min(plan.warm_limit, task.seconds_left() - 10);
      if (limit < 5) side.failed = "no time left";
      side.measure([&] { return peer->ask("warm " + mode + batch, limit); });
      side.rates.clear();
      peers.emplace_back(mode, std::move(side));
    }
  }
  for (int round = 0; round < plan.rounds; ++round) {
    for (Ours& own : ours) {
      own.side.measure(
          [&] { return rate(plan.seconds, [&] { return own.step->images_of_steps(); }); });
    }
    for (auto& [mode, side] : peers) {
      side.measure([&] {
        return peer->ask("rate " + mode + batch + " " + std::to_string(plan.seconds), 60);
      });
    }
  }
  for (Ours& own : ours) own.step.reset();
  release_cached_memory(place.device);
  if (peer != nullptr) peer->ask("drop", 60);

  Facts facts = {{"amp", to_string(place.amp)}};
  double best = 0, eager = 0, compiled = 0;
  for (const Ours& own : ours) {
    facts[own.name] = own.side.shown();
    best = std::max(best, own.side.rate());
  }
  for (const auto& [mode, side] : peers) {
    facts[mode] = side.shown();
    double& of_kind = mode == "eager" ? eager : compiled;
    of_kind = std::max(of_kind, side.rate());
  }
  if (eager > 0) facts["x_eager"] = best / eager;
  if (compiled > 0) facts["x_compiled"] = best / compiled;
  tell(task, variant + " batch" + batch, facts);
}

}  // namespace

void measure_step(const Task& task, const std::string& variant) {
  const auto device = open_device(task.options.device);
  if (!device) throw std::runtime_error(to_string(device.error()));
  set_deterministic(false);
  const std::vector<std::string> kinds = amp_kinds_of(ability_of(*device));
  const bool bf16 = std::ranges::find(kinds, "bf16") != kinds.end();
  const Plan plan = plan_of(task);
  std::string why_not;
  std::unique_ptr<Peer> peer = start_peer(task, variant, bf16 ? "bf16" : "off", why_not);
  if (peer == nullptr) tell(task, "no peers", {{"why", why_not}});
  for (const std::int64_t batch : plan.batches) {
    if (task.seconds_left() < 5)
      throw std::runtime_error("no time left for batch " + std::to_string(batch));
    const StepPlace place{.device = *device, .amp = bf16 ? Amp::kBf16 : Amp::kOff, .batch = batch};
    try {
      measure_batch(task, variant, place, peer.get(), plan);
    } catch (const std::exception& error) {  // of a peer that died
      tell(task, variant + " batch " + std::to_string(batch), {{"peer", error.what()}});
      peer = start_peer(task, variant, bf16 ? "bf16" : "off", why_not);
    }
  }
}

}  // namespace firesweep::bench
