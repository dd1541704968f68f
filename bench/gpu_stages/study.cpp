// The published study's protocol on real CIFAR-100, in single precision and in bf16: v3 for 16
// epochs and v5_plain for 12, one seed after the other while there is time. Beside the study's own
// loop in Python (bench/peers/study.py), which trains at the same time in single precision.
#include <algorithm>
#include <fstream>
#include <memory>
#include <stdexcept>

#include "bench/gpu_stages/made_up.h"
#include "bench/gpu_stages/parts.h"
#include "bench/gpu_stages/sweep_run.h"
#include "bench/peer.h"
#include "bench/report.h"
#include "worker/training/export/python_model.h"
#include "worker/training/trainer.h"

namespace firesweep::bench {
namespace {

// One run of the study's notebook, cut off where its headline stands. The notebook and the
// headlines count epochs from 0: "15" and "11" are the 16th and the 12th.
struct Published {
  const char* variant;
  int epochs;
  double accuracy;       // on the test images, after them
  const char* by_epoch;  // in percent
};
constexpr Published kPublished[] = {
    {"v3", 16, 0.4562,
     "7.42 13.64 19.95 23.33 28.87 28.70 31.12 35.83 38.08 37.54 40.48 41.00 39.94 43.92 42.85 "
     "45.62"},
    {"v5_plain", 12, 0.5171,
     "6.05 11.44 19.67 22.36 32.11 39.95 31.18 42.30 43.99 50.15 51.32 51.71"}};

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
                               trial + " ORDER BY epoch)")},
          {"published_by_epoch", wanted.by_epoch}});
  }
}

// The study's own loop on this device.
struct OwnLoop {
  const Published& wanted;
  std::unique_ptr<Peer> peer;
};

// Begins to train all of them, each with its loader's processes. They go on by themselves, since
// all their epochs are asked for at once.
std::vector<OwnLoop> start_loops(const Task& task) {
  std::vector<OwnLoop> loops;
  if (!task.options.data_dir) return loops;
  const auto python = python_with_torch();
  if (!python) {
    tell(task, "no peer", {{"why", to_string(python.error())}});
    return loops;
  }
  const std::string workers = std::to_string(std::max(1, task.options.threads / 3));
  const DatasetInfo& info = dataset_info(DatasetName::kCifar100);
  for (const Published& wanted : kPublished) {
    const auto file = task.options.scratch / (std::string("study_") + wanted.variant + ".py");
    std::ofstream(file) << python_model(architecture(wanted.variant), {info.mean, info.stddev}, {},
                                        "for bench/gpu");
    std::vector<std::string> words = {file.string(), *task.options.data_dir,
                                      "--device",    task.options.device,
                                      "--workers",   workers};
    if (task.options.small) words.insert(words.end(), {"--images", "64"});
    loops.push_back({wanted, std::make_unique<Peer>(*python, "study.py", words)});
    for (int epoch = 0; epoch < (task.options.small ? 1 : wanted.epochs); ++epoch)
      loops.back().peer->send("epoch");
  }
  return loops;
}

void tell_loop(const Task& task, OwnLoop& loop) {
  constexpr double kAnswerMargin = 3;
  Facts facts = {{"amp", "off"}, {"batch", 32}};
  std::string by_epoch, end = "ok";
  int epochs = 0;
  try {
    for (; epochs < (task.options.small ? 1 : loop.wanted.epochs); ++epochs) {
      const double accuracy = loop.peer->answer(std::max(0.1, task.seconds_left() - kAnswerMargin));
      by_epoch += (epochs == 0 ? "" : " ") + short_number(accuracy);
      facts["test_accuracy"] = accuracy / 100;
    }
  } catch (const std::exception& error) {
    end = error.what();
  }
  facts["epochs"] = epochs;
  facts["ended"] = end;
  facts["by_epoch"] = by_epoch;
  facts["published_by_epoch"] = loop.wanted.by_epoch;
  tell(task, std::string("the study's own loop, ") + loop.wanted.variant, facts);
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
  std::vector<OwnLoop> loops = start_loops(task);
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
  for (OwnLoop& loop : loops) tell_loop(task, loop);
}

}  // namespace firesweep::bench
