#include "bench/gpu_stages/trial.h"

#include "bench/report.h"
#include "shared/base/overloaded.h"

namespace firesweep::bench {

TrainJob small_job(const std::string& variant, std::int64_t batch, std::int64_t train_size) {
  TrainJob job;
  job.architecture = architecture(variant);
  job.config_hash = "bench-gpu-" + variant;
  TrialConfig& config = job.config;
  config.variant = variant;
  config.epochs = 2;
  config.batch_size = batch;
  config.train_size = train_size;
  config.val_size = 64;
  config.test_size = 64;
  return job;
}

std::string describe(const TrainOutcome& outcome) {
  return std::visit(
      Overloaded{[](const TrainFinished&) -> std::string { return "finished"; },
                 [](const TrainStopped& stopped) {
                   return "stopped after " + std::to_string(stopped.checkpoint_epoch) + " epochs";
                 },
                 [](const TrainFailed& failed) {
                   return std::string(to_string(failed.reason)) + ": " + failed.message;
                 }},
      outcome);
}

}  // namespace firesweep::bench
