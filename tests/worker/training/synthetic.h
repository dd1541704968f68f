// Small made-up datasets that pass through the real decoded-file format, so that training sees what
// it sees in earnest.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "worker/datasets/dataset.h"
#include "worker/training/trainer.h"

namespace firesweep {

// A folder of its own below the system's temporary one; removed with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Images of noise around a pattern that depends on the class, which a small network can learn;
// `grey` ones have three equal channels.
Dataset synthetic_dataset(std::int64_t train_count, std::int64_t test_count, int classes,
                          bool grey = false);

// A network of a few thousand parameters with every kind of state: BatchNorm, dropout, a shortcut.
ResolvedArchitecture small_architecture(int classes, double dropout = 0.2);

// Two epochs of four batches of 24: of synthetic_dataset(160, …, 4), 64 images are held out.
TrainJob small_job();

// The members of a result that repeat bit for bit.
TrialResult without_timing(TrialResult result);

}  // namespace firesweep
