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

// A way of PyTorch to train one variant, in a process of its own.
struct Rival {
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
std::vector<Rival> start_rivals(const Task& task, const std::string& amp) {
  const auto python = python_with_torch();
  if (!python) {
    tell(task, "no peers", {{"why", to_string(python.error())}});
    return {};
  }
  keep_compiled_code(task);
  std::vector<Rival> rivals;
  for (const std::string& variant : task.options.variants) {
    const std::filesystem::path file = task.options.scratch / ("model_" + variant + ".py");
    std::ofstream(file) << python_model(architecture(variant), {}, {}, "for bench/gpu");
    std::vector<std::string> modes = compiled_modes(task, variant);
    modes.insert(modes.begin(), "eager");
    for (const std::string& mode : modes) {
      const std::vector<std::string> words = {file.string(), std::to_string(task.options.threads),
                                              task.options.device, amp};
      rivals.push_back(
          {variant, mode, std::make_unique<Peer>(*python, "train_step.py", words), ""});
    }
  }
  return rivals;
}

void compile_all(const Task& task, const Plan& plan, std::vector<Rival>& rivals) {
  const double limit = std::min(plan.compile_limit, plan.compile_share * task.seconds_left());
  const Clock::time_point begin = Clock::now();
  const auto gone = [&] { return std::chrono::duration<double>(Clock::now() - begin).count(); };
  const auto compiled = [&](auto&& act) {
    for (Rival& rival : rivals)
      if (rival.mode != "eager") rival.attempt([&](Peer& peer) { act(rival, peer); });
  };
  compiled([&](Rival& rival, Peer& peer) {
    peer.send("warm " + rival.mode + " " + std::to_string(plan.main_batch));
  });
  Facts seconds = {{"limit_s", limit}};
  compiled([&](Rival& rival, Peer& peer) {
    try {
      seconds[rival.variant + " " + rival.mode] = peer.answer(std::max(0.1, limit - gone()));
    } catch (const std::exception&) {
      const bool late = gone() >= limit;
      seconds[rival.variant + " " + rival.mode] = late ? "late" : "failed";
      if (late) throw std::runtime_error("not compiled within " + short_number(limit) + " s");
      throw;
    }
  });
  seconds["all"] = gone();
  tell(task, "seconds to compile", seconds);
}

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

void measure_batch(const Task& task, const std::string& variant, const StepPlace& place,
                   std::vector<Rival>& rivals, const Plan& plan) {
  const std::string batch = " " + std::to_string(place.batch);
  const std::string round_s = " " + std::to_string(plan.seconds);
  std::vector<std::pair<Rival*, Side>> peers;
  for (Rival& rival : rivals) {
    const bool eager = rival.mode == "eager";
    if (rival.variant != variant || (!eager && place.batch != plan.main_batch)) continue;
    if (eager) rival.attempt([&](Peer& peer) { peer.ask("warm eager" + batch, plan.warm_limit); });
    peers.push_back({&rival, {{}, rival.failed}});
  }
  std::vector<Ours> ours;
  for (const auto& [name, way] : our_ways(place)) ours.push_back(made(variant, name, way));
  for (int round = 0; round < plan.rounds; ++round) {
    for (Ours& own : ours) {
      own.side.measure(
          [&] { return rate(plan.seconds, [&] { return own.step->images_of_steps(); }); });
    }
    for (auto& [rival, side] : peers) {
      side.measure([&] { return rival->peer->ask("rate " + rival->mode + batch + round_s, 30); });
    }
  }
  for (Ours& own : ours) own.step.reset();
  release_cached_memory(place.device);

  Facts facts = {{"amp", to_string(place.amp)}};
  double best = 0, eager = 0, compiled = 0;
  for (const Ours& own : ours) {
    facts[own.name] = own.side.shown();
    best = std::max(best, own.side.rate());
  }
  for (const auto& [rival, side] : peers) {
    facts[rival->mode] = side.shown();
    double& of_kind = rival->mode == "eager" ? eager : compiled;
    of_kind = std::max(of_kind, side.rate());
    if (side.failed.empty()) {
      if (rival->mode == "eager") rival->attempt([](Peer& peer) { peer.ask("drop", 30); });
    } else if (rival->peer != nullptr) {
      rival->failed = side.failed;
      rival->peer.reset();
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
  std::vector<Rival> rivals = start_rivals(task, to_string(amp));
  if (!rivals.empty()) compile_all(task, plan, rivals);
  for (const std::string& variant : task.options.variants) {
    for (const std::int64_t batch : plan.batches) {
      if (task.seconds_left() < 5)
        throw std::runtime_error("no time left for " + variant + " at batch " +
                                 std::to_string(batch));
      measure_batch(task, variant, {.device = *device, .amp = amp, .batch = batch}, rivals, plan);
    }
    std::erase_if(rivals, [&](const Rival& rival) { return rival.variant == variant; });
  }
}

}  // namespace firesweep::bench
