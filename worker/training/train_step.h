// One optimizer step on one batch: forward, loss, backward, update. What is trained and measured is
// this; it knows no dataset, no epoch and no checkpoint.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "worker/training/augment.h"
#include "worker/training/kernels/device_graph.h"
#include "worker/training/model.h"
#include "worker/training/optim.h"
#include "worker/training/precision.h"
#include "worker/training/schedule.h"

namespace firesweep {

// After a trial ran out of memory for the `count`-th time (1, 2, …): in how many parts to show its
// batches next. First once more whole, since the memory may have been another's; then in 2, 4, 8, …
// parts. None where parts of one image did not fit. Pure.
std::optional<std::int64_t> parts_after_oom(std::int64_t count, std::int64_t batch_size);

// One thread. The references must outlive it.
class TrainStep {
 public:
  struct Settings {
    at::Device device = at::kCPU;
    Amp amp = Amp::kOff;
    double label_smoothing = 0;
    // A batch is shown in this many parts, whose gradients add up to the whole batch's: less memory
    // for the same step, but BatchNorm sees the statistics of a part. A batch of fewer images has
    // one image a part.
    std::int64_t parts = 1;
    // Whether repeat() records its work where the device can.
    bool record = true;
  };

  // Makes the next batch from what lies on the device, always of the same shape.
  using NextBatch = std::function<Batch()>;

  TrainStep(const Model& model, Optimizer& optimizer, LossScaler& scaler, const Settings& settings);

  // Adds the mean loss over the batch times its images to `loss_sum` ([] double) and the number of
  // right answers to `correct_sum` ([] int64); of a mixed image the label of the larger share is
  // right, and its loss is that of both labels by their shares (mixing.h). `dropout_seed` seeds
  // what dropout draws. Reads nothing back from the device.
  void run(const Batch& batch, const Rates& rates, std::uint64_t dropout_seed,
           const at::Tensor& loss_sum, const at::Tensor& correct_sum);

  // The same for the batch that `next` makes. On a GPU its first runs are ordinary; then making the
  // batch, forward and backward pass and Optimizer::prepare are recorded as a graph, which the
  // later runs replay: `next` and the sums must be the same ones in every call. Optimizer::apply
  // stays outside, since its rates come from the host. The same bits as run() gives. Work that
  // cannot be recorded runs on as before, and record_refusal() tells why. Needs a stream other than
  // the device's default one.
  void repeat(const NextBatch& next, const Rates& rates, std::uint64_t dropout_seed,
              const at::Tensor& loss_sum, const at::Tensor& correct_sum);

  // Whether repeat() replays a recording.
  bool recorded() const { return graph_.has_value(); }

  // Why the device refused to record; empty where it did not.
  const std::string& record_refusal() const { return record_refusal_; }

  // The gradients of run(), left on the parameters and not applied.
  void leave_gradients(const Batch& batch, std::uint64_t dropout_seed, const at::Tensor& loss_sum,
                       const at::Tensor& correct_sum);

 private:
  void add_gradients(const Batch& batch, const at::Tensor& loss_sum, const at::Tensor& correct_sum);
  void record(const std::function<void()>& work);

  const Model& model_;
  Optimizer& optimizer_;
  LossScaler& scaler_;
  Settings settings_;
  std::vector<at::Tensor> learned_;  // the model's parameters that have gradients
  int ordinary_runs_ = 0;            // of repeat()
  std::optional<DeviceGraph> graph_;
  std::vector<at::Tensor> recorded_gradients_;  // of learned_: where the graph writes them
  std::string record_refusal_;
};

}  // namespace firesweep
