// The published study's protocol on real CIFAR-100, in single precision and in bf16: v3 for 15
// epochs and v5_plain for 11, one seed after the other while there is time. Beside the study's own
// loop in Python (bench/peers/pipeline.py) where there is one.
#include <algorithm>
#include <fstream>
#include <memory>
#include <stdexcept>

#include "bench/gpu_stages/made_up.h"
#include "bench/gpu_stages/parts.h"
#include "bench/gpu_stages/sweep_run.h"
#include "bench/peer.h"
#include "bench/report.h"
#include "worker/training/python_model.h"
#include "worker/training/trainer.h"

namespace firesweep::bench {
namespace {

struct Published {
  const char* variant;
  int epochs;
  double accuracy;  // docs/results: on the test images, one seed
};
constexpr Published kPublished[] = {{"v3", 15, 0.4562}, {"v5_plain", 11, 0.3995}};

Facts sweep_for(const Task& task, const Published& wanted, const Facts& amps, int seed) {
  const bool small = task.options.small;
  Facts parameters = {{"variant", {{"value", wanted.variant}}},
                      {"epochs", {{"value", small ? 1 : wanted.epochs}}},
                      {"amp", {{"values", amps}}}};
  if (small) {
    parameters["train_size"] = {{"value", 64}};
    parameters["test_size"] = {{"value", 64}};
  }
  Facts sweep = sweep_of(std::string("study-") + wanted.variant, parameters, {seed});
  sweep["preset"] = "study";
  sweep["metric"] = {{"name", "test_accuracy"}, {"goal", "maximize"}};
  return sweep;
}

void tell_trials(const Task& task, const SweepRun& run, const Published& wanted, int seed,
                 const std::string& end, const Facts& amps) {
  for (const auto& amp : amps) {
    const std::string trial =
        "(SELECT trial_id FROM trial_configs WHERE amp = '" + amp.get<std::string>() + "')";
    tell(task, std::string(wanted.variant) + " seed " + std::to_string(seed),
         {{"amp", amp},
          {"images", kind_of_images(task)},
          {"ended", end},
          {"epochs", run.ask_number("SELECT count(*) FROM epochs WHERE trial_id IN " + trial)},
          {"test_accuracy",
           run.ask_number("SELECT test_accuracy FROM results WHERE trial_id IN " + trial)},
          {"published", wanted.accuracy},
          {"images_per_s",
           run.ask_number("SELECT images_per_s FROM results WHERE trial_id IN " + trial)},
          {"by_epoch", run.ask("SELECT group_concat(round(100 * test_accuracy, 2), ' ') FROM "
                               "(SELECT test_accuracy FROM epochs WHERE trial_id IN " +
                               trial + " ORDER BY epoch)")}});
  }
}

// The study's own loop on this device, with its loader's processes: images per second.
void measure_peer(const Task& task) {
  constexpr double kSeconds = 10;
  const auto python = python_with_torch();
  if (!python) {
    tell(task, "no peer", {{"why", to_string(python.error())}});
    return;
  }
  for (const Published& wanted : kPublished) {
    const auto file = task.options.scratch / (std::string("study_") + wanted.variant + ".py");
    const DatasetInfo& info = *find_dataset("cifar100");
    std::ofstream(file) << python_model(architecture(wanted.variant), {info.mean, info.stddev},
                                        "for bench/gpu");
    Facts facts = {{"amp", "off"}, {"batch", 32}};
    try {
      Peer peer(*python, "pipeline.py",
                {file.string(), "32", std::to_string(task.options.threads), *task.options.data_dir,
                 task.options.device});
      for (const char* workers : {"2", "8"}) {
        facts[std::string("images_per_s_") + workers + "_workers"] =
            peer.ask(workers + (" " + std::to_string(kSeconds)), 60);
      }
    } catch (const std::exception& error) {
      facts["failed"] = error.what();
    }
    tell(task, std::string("the study's own loop, ") + wanted.variant, facts);
  }
}

}  // namespace

void measure_study(const Task& task) {
  if (!task.options.data_dir && !task.options.small) {
    tell(task, "skipped", {{"why", "accuracies of made-up images say nothing; give --data-dir"}});
    return;
  }
  const std::vector<std::string> kinds = amp_kinds(task.options.device);
  Facts amps = {"off"};
  if (std::ranges::find(kinds, "bf16") != kinds.end()) amps.push_back("bf16");
  const int seeds = task.options.small ? 1 : 3;
  for (int seed = 1; seed <= seeds; ++seed) {
    // Both variants of a seed at the same time: the device has room for both.
    std::vector<std::unique_ptr<SweepRun>> runs;
    for (const Published& wanted : kPublished) {
      const std::string name = std::string("study-") + wanted.variant + "-" + std::to_string(seed);
      runs.push_back(std::make_unique<SweepRun>(task, name, sweep_for(task, wanted, amps, seed),
                                                task.options.small ? 1 : 2));
    }
    for (std::size_t i = 0; i < runs.size(); ++i)
      tell_trials(task, *runs[i], kPublished[i], seed, runs[i]->finish(12), amps);
    if (task.seconds_left() < 30) break;
  }
  if (task.options.data_dir && task.seconds_left() > 60) measure_peer(task);
}

}  // namespace firesweep::bench
