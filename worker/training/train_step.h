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

// Into how many micro-batches to split each batch after a trial ran out of memory for the
// `count`-th time (1, 2, …). First 1 again, since another process may have used the memory; then 2,
// 4, 8, …. None after micro-batches of one image did not fit. Pure.
std::optional<std::int64_t> micro_batches_after_oom(std::int64_t count, std::int64_t batch_size);

// One thread. The references must outlive it.
class TrainStep {
 public:
  struct Settings {
    at::Device device = at::kCPU;
    Amp amp = Amp::kOff;
    double label_smoothing = 0;
    // Each batch is split into this many micro-batches, whose gradients add up to the batch's. The
    // step needs less memory, but BatchNorm sees the statistics of micro-batches. A batch of fewer
    // images is split into micro-batches of one image.
    std::int64_t micro_batches = 1;
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
