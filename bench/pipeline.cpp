// The whole training pipeline on real CIFAR-100 beside the published study's own (per-image PIL
// transforms in a DataLoader, batch 32, eager PyTorch): same network, batch, augmentation and
// threads, one run, interleaved rounds. Then ours in parts: augmentation alone on one core,
// evaluation beside training, assignment to first step.
#include <ATen/Parallel.h>
#include <unistd.h>

#include <boost/program_options.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "bench/peer.h"
#include "bench/report.h"
#include "shared/domain/presets.h"
#include "worker/training/allocator.h"
#include "worker/training/device.h"
#include "worker/training/evaluate.h"
#include "worker/training/export/python_model.h"
#include "worker/training/trainer.h"

namespace firesweep::bench {
namespace {

namespace po = boost::program_options;
using Clock = std::chrono::steady_clock;

struct Settings {
  std::vector<std::string> variants;
  std::string format, data_dir, amp;
  int threads = 0;
  int rounds = 0;
  double seconds = 0;
};

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

Dataset open(const std::string& folder) {
  auto dataset = open_dataset("cifar100", {.data_dir = folder});
  if (!dataset) throw std::runtime_error(to_string(dataset.error()));
  return *std::move(dataset);
}

TrainJob job_of(const std::string& variant, TrialConfig config, const Settings& settings) {
  config.amp = settings.amp;
  return {std::move(config), architecture(variant), "bench", 0, {}};
}

// The trainer as a slot calls it, stopped after `seconds` of batches.
struct Training {
  double images_per_s = 0;
  double seconds_to_first_batch = 0;
};

Training train_for(double seconds, const TrainJob& job, const Dataset& dataset) {
  const Clock::time_point called = Clock::now();
  Clock::time_point begun = called;
  Training seen;
  double passed = 0;
  std::int64_t batches = 0;
  TrainCallbacks callbacks;
  callbacks.started = [&](std::int64_t) {
    begun = Clock::now();
    seen.seconds_to_first_batch = std::chrono::duration<double>(begun - called).count();
  };
  callbacks.unit = [&](const LiveProgress&) {
    ++batches;
    passed = seconds_since(begun);
  };
  callbacks.stop_requested = [&] { return seconds_since(begun) >= seconds; };
  const TrainOutcome outcome = train(job, dataset, {}, callbacks);
  if (const auto* failed = std::get_if<TrainFailed>(&outcome))
    throw std::runtime_error(failed->message);
  seen.images_per_s = static_cast<double>(batches * job.config.batch_size) / passed;
  return seen;
}

void measure_study(const std::string& variant, const Settings& settings, const Dataset& dataset) {
  const TrainJob job = job_of(variant, *find_preset("study"), settings);
  const std::filesystem::path file = std::filesystem::temp_directory_path() /
                                     ("firesweep-bench-" + std::to_string(::getpid()) + ".py");
  const DatasetInfo& info = dataset.info();
  std::ofstream(file) << python_model(job.architecture, {info.mean, info.stddev}, {},
                                      "for bench/pipeline");
  Peer peer(python(), "pipeline.py",
            {file.string(), std::to_string(job.config.batch_size), std::to_string(settings.threads),
             settings.data_dir});
  peer.ask("0 0");  // until it has started, it would take its part of the processor from ours
  std::vector<double> ours, alone, helped;
  for (int round = 0; round < settings.rounds; ++round) {
    ours.push_back(train_for(settings.seconds, job, dataset).images_per_s);
    alone.push_back(peer.ask("0 " + std::to_string(settings.seconds)));
    helped.push_back(peer.ask("2 " + std::to_string(settings.seconds)));
  }
  std::filesystem::remove(file);
  const double best = std::max(median(alone), median(helped));
  print(settings.format, variant,
        {{"images_per_s", median(ours)},
         {"study_0_workers_images_per_s", median(alone)},
         {"study_2_workers_images_per_s", median(helped)},
         {"ratio_study", median(ours) / best}});
}

// Batches of 128 augmented on one core, the drawing of an epoch's plan included.
double augmented_per_s(const DeviceImages& images, Augmentation kind, double seconds) {
  std::vector<std::int64_t> order(12'800);
  std::iota(order.begin(), order.end(), 0);
  std::int64_t epoch = 0;
  return rate(seconds, [&] {
    const EpochPlan plan = images.augmented(order, kind, 1, ++epoch);
    for (std::int64_t at = 0; at < plan.size(); at += 128) images.batch(plan, at, 128);
    return static_cast<double>(plan.size());
  });
}

void measure_augmentation(const Settings& settings, const Dataset& dataset) {
  const DeviceImages images(dataset, Subset::kTrain, kCropPadding, at::kCPU);
  at::set_num_threads(1);
  print(settings.format, "augmentation_one_core",
        {{"crop_flip_images_per_s",
          augmented_per_s(images, Augmentation::kCropFlip, settings.seconds)},
         {"crop_flip_jitter_images_per_s",
          augmented_per_s(images, Augmentation::kCropFlipJitter, settings.seconds)}});
  at::set_num_threads(settings.threads);
}

void measure_evaluation(const std::string& variant, const Settings& settings,
                        const Dataset& dataset) {
  const TrainJob job = job_of(variant, TrialConfig{}, settings);
  const DeviceImages test(dataset, Subset::kTest, 0, at::kCPU);
  const Model model(job.architecture, 1, at::kCPU);
  const Amp amp = *resolve_amp(job.config.amp, ability_of(at::kCPU));  // as training has it
  std::vector<std::int64_t> some(500);
  std::iota(some.begin(), some.end(), 0);
  const auto part = [&] {
    evaluate(model, test, some, View::kAsIs, amp, [] { return true; });
    return static_cast<double>(some.size());
  };
  std::vector<double> training, evaluation;
  for (int round = 0; round < settings.rounds; ++round) {
    training.push_back(train_for(settings.seconds, job, dataset).images_per_s);
    evaluation.push_back(rate(settings.seconds / 2, part));
  }
  print(settings.format, variant,
        {{"training_images_per_s", median(training)},
         {"evaluation_images_per_s", median(evaluation)},
         {"ratio_evaluation", median(evaluation) / median(training)}});
}

int run(int argc, char** argv) {
  Settings settings;
  std::string variants;
  po::options_description options("pipeline: our training pipeline beside the study's");
  options.add_options()("help,h", "print this and exit")(
      "data-dir", po::value(&settings.data_dir), "folder with CIFAR-100's train.bin and test.bin")(
      "variants", po::value(&variants)->default_value("v2,v3,v5"), "names of architectures/")(
      "format,f", po::value(&settings.format)->default_value("text"), "text or json")(
      "threads", po::value(&settings.threads)->default_value(2), "of each program")(
      "rounds", po::value(&settings.rounds)->default_value(3), "interleaved")(
      "seconds", po::value(&settings.seconds)->default_value(8), "a round of each program")(
      "amp", po::value(&settings.amp)->default_value("auto"),
      "ours in this precision; the study's is single")("parts",
                                                       "only ours in parts, without Python");
  po::variables_map values;
  po::store(po::parse_command_line(argc, argv, options), values);
  po::notify(values);
  if (values.count("help") != 0 || settings.data_dir.empty()) {
    std::cout << options;
    return values.count("help") != 0 ? 0 : 2;
  }
  settings.variants = split(variants);
  set_up_training(settings.threads);
  const Clock::time_point assigned = Clock::now();
  const Dataset dataset = open(settings.data_dir);
  const double opened = seconds_since(assigned);
  const Training first = train_for(0, job_of("v3", TrialConfig{}, settings), dataset);
  print(settings.format, "assignment",
        {{"to_first_batch_s", opened + first.seconds_to_first_batch}});
  measure_augmentation(settings, dataset);
  for (const std::string& variant : settings.variants) {
    if (values.count("parts") == 0) measure_study(variant, settings, dataset);
    measure_evaluation(variant, settings, dataset);
  }
  return 0;
}

}  // namespace
}  // namespace firesweep::bench

int main(int argc, char** argv) {
  firesweep::keep_malloc_pages();
  try {
    return firesweep::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "pipeline: " << error.what() << "\n";
    return 1;
  }
}
