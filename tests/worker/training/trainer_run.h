// Trains small jobs and keeps what they told.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/worker/training/synthetic.h"
#include "worker/training/trainer.h"

namespace firesweep {

inline constexpr std::int64_t kStepsPerEpoch = 4;  // of small_job() on small_data()

const Dataset& small_data();

// What a run told and how it ended.
struct RunLog {
  TrainOutcome outcome;
  std::vector<std::int64_t> started;
  std::vector<EpochMetrics> epochs;
  std::vector<std::int64_t> saved;
  std::vector<LiveProgress> units;
  std::vector<std::string> warnings;

  const TrialResult& result() const { return std::get<TrainFinished>(outcome).result; }
};

// FIRESWEEP_TEST_DEVICE, else "cpu".
std::string test_device();

// Runs a job; after `stop_after` batches or evaluation batches it is asked to stop, after
// `die_after` of them it is cut off by an exception as if it had been killed, with nothing saved.
// On test_device(); in deterministic mode where that is named.
RunLog run(const TrainJob& job, const std::filesystem::path& folder = {}, int stop_after = -1,
           int die_after = -1, const Dataset& dataset = small_data());

EpochMetrics without_timing(EpochMetrics metrics);
// Both finished, bit for bit alike.
void expect_same_run(const RunLog& a, const RunLog& b);

}  // namespace firesweep
