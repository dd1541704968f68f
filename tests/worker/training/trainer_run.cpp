#include "tests/worker/training/trainer_run.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <stdexcept>

namespace firesweep {

const Dataset& small_data() {
  static const Dataset dataset = synthetic_dataset(160, 40, 4);
  return dataset;
}

std::string test_device() {
  const char* const named = std::getenv("FIRESWEEP_TEST_DEVICE");
  return named != nullptr ? named : "cpu";
}

RunLog run(const TrainJob& job, const std::filesystem::path& folder, int stop_after, int die_after,
           const Dataset& dataset) {
  RunLog told;
  const auto units = [&] { return static_cast<int>(told.units.size()); };
  TrainCallbacks callbacks;
  callbacks.started = [&](std::int64_t epoch) { told.started.push_back(epoch); };
  callbacks.epoch = [&](const EpochMetrics& metrics) { told.epochs.push_back(metrics); };
  callbacks.saved = [&](std::int64_t epochs) { told.saved.push_back(epochs); };
  callbacks.unit = [&](const LiveProgress& progress) {
    told.units.push_back(progress);
    if (units() == die_after) throw std::runtime_error("killed");
  };
  callbacks.stop_requested = [&] { return stop_after >= 0 && units() >= stop_after; };
  callbacks.warned = [&](const std::string& text) { told.warnings.push_back(text); };
  TrainJob there = job;
  if (std::getenv("FIRESWEEP_TEST_DEVICE") != nullptr)
    there.config.deterministic = true;  // or nothing repeats bit for bit
  told.outcome = train(there, dataset, {test_device(), folder}, callbacks);
  return told;
}

EpochMetrics without_timing(EpochMetrics metrics) {
  metrics.seconds = 0;
  metrics.images_per_s = 0;
  return metrics;
}

void expect_same_run(const RunLog& a, const RunLog& b) {
  ASSERT_TRUE(std::holds_alternative<TrainFinished>(a.outcome));
  ASSERT_TRUE(std::holds_alternative<TrainFinished>(b.outcome));
  EXPECT_EQ(without_timing(a.result()), without_timing(b.result()));
  ASSERT_FALSE(a.epochs.empty());
  EXPECT_EQ(without_timing(a.epochs.back()), without_timing(b.epochs.back()));
}

}  // namespace firesweep
