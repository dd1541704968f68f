// What training measures. Accuracies are fractions in [0, 1]; losses are means over images, in
// nats.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace firesweep {

// Once per epoch, durable. Validation members are absent where there is no validation split.
struct EpochMetrics {
  std::int64_t epoch = 0;  // 1, 2, …
  double train_loss = 0;   // with label smoothing, as optimised
  double train_accuracy = 0;
  std::optional<double> val_loss;  // without label smoothing
  std::optional<double> val_accuracy;
  std::optional<double> val_top5;
  std::optional<double> test_accuracy;  // protocol "study" only
  double lr = 0;                        // at the epoch's last step
  double seconds = 0;                   // training and evaluation
  double images_per_s = 0;              // training only
  friend bool operator==(const EpochMetrics&, const EpochMetrics&) = default;
};

// What a person watches; never stored.
struct LiveProgress {
  std::int64_t epoch = 0;  // running, 1-based
  std::int64_t epochs = 0;
  std::int64_t batch = 0;  // finished within the epoch
  std::int64_t batches = 0;
  double images_per_s = 0;
  double loss = 0;      // running mean of the epoch
  double accuracy = 0;  // last known: validation where there is one, else training
  friend bool operator==(const LiveProgress&, const LiveProgress&) = default;
};

// A model on samples of a dataset.
struct Evaluation {
  double loss = 0;      // mean cross-entropy in nats, without label smoothing
  double accuracy = 0;  // top-1, a fraction
  double top5 = 0;      // a fraction
  // One bit an image in the order of the samples: image i is bit i % 8 (from the lowest) of byte i
  // / 8.
  std::vector<std::uint8_t> correct;
  friend bool operator==(const Evaluation&, const Evaluation&) = default;
};

// Recorded for every finished trial without asking.
struct TrialResult {
  std::optional<double> val_accuracy;  // of the selected epoch's weights
  std::optional<double> val_loss;
  std::optional<double> val_top5;
  std::optional<double> best_val_accuracy;
  std::int64_t best_epoch = 0;
  std::int64_t selected_epoch = 0;
  double test_accuracy = 0;  // looked at once, after selection
  double test_loss = 0;
  double test_top5 = 0;
  std::optional<double> test_accuracy_flip;  // over the views that `tta` asks for
  double train_loss = 0;                     // of the last epoch
  std::int64_t epochs = 0;                   // trained
  std::int64_t params = 0;                   // the module's own count
  std::int64_t macs = 0;                     // per image
  std::int64_t train_macs = 0;               // 3 × MACs × images × epochs
  std::int64_t model_bytes = 0;
  double train_seconds = 0;  // over all attempts
  double images_per_s = 0;
  std::int64_t peak_memory_bytes = 0;
  std::string device;         // "cpu", "cuda:0 NVIDIA H100"
  std::string numeric_class;  // hardware, threads and build within which numbers repeat bit for bit
  std::string torch_version;
  std::string build_commit;
  std::string dataset_content;  // where the dataset's name does not say it; else empty
  std::string amp;              // what was resolved: off, bf16, fp16
  bool resume_exact = true;
  std::vector<std::uint8_t> val_correct;  // bitmap, one bit an image, in split order
  std::vector<std::uint8_t> test_correct;
  friend bool operator==(const TrialResult&, const TrialResult&) = default;
};

}  // namespace firesweep
