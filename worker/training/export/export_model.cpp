#include "worker/training/export/export_model.h"

#include <ATen/ops/full.h>

#include <span>
#include <string_view>

#include "worker/datasets/file.h"
#include "worker/training/checkpoint.h"
#include "worker/training/safetensors.h"

namespace firesweep {
namespace {

// Training steps up to the epoch whose weights were kept; 0 where the file's counts make no sense.
std::int64_t steps_to_selected(const Checkpoint& checkpoint, std::int64_t batch_size) {
  if (checkpoint.epoch == 0 || batch_size == 0) return 0;
  const std::int64_t images_per_epoch = checkpoint.step_images / checkpoint.epoch;
  std::int64_t steps = 0;
  const bool fits = !__builtin_add_overflow(images_per_epoch, batch_size - 1, &steps) &&
                    !__builtin_mul_overflow(checkpoint.selected_epoch, steps / batch_size, &steps);
  return fits ? steps : 0;
}

// What PyTorch's BatchNorm keeps beside the statistics.
void add_batches_tracked(NamedTensors& state, std::int64_t steps) {
  constexpr std::string_view kMean = ".running_mean";
  NamedTensors counters;
  for (const NamedTensor& entry : state) {
    if (!entry.name.ends_with(kMean)) continue;
    const std::string layer = entry.name.substr(0, entry.name.size() - kMean.size());
    counters.push_back({layer + ".num_batches_tracked", at::full({}, steps, at::kLong)});
  }
  state.insert(state.end(), counters.begin(), counters.end());
}

Result<void> write_text(const std::filesystem::path& path, const std::string& text) {
  auto file = AtomicFile::create(path);
  if (!file) return tl::unexpected<Error>(file.error());
  const auto written =
      file->write({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  return written ? file->commit() : written;
}

}  // namespace

Result<void> export_model(const ModelExport& wanted) {
  const auto checkpoint = read_checkpoint(wanted.checkpoint);
  if (!checkpoint) return tl::unexpected<Error>(checkpoint.error());
  const auto refuse = [&](const std::string& what) {
    return fail(ErrorCode::kBadInput, wanted.checkpoint.string(), what);
  };
  if (checkpoint->config_hash != wanted.config_hash || checkpoint->seed != wanted.seed) {
    return refuse("is of config " + checkpoint->config_hash + ", seed " +
                  std::to_string(checkpoint->seed) + ", expected " + wanted.config_hash +
                  ", seed " + std::to_string(wanted.seed));
  }
  // The module says which tensors there are, and in which order.
  const Model model(wanted.architecture, 0, at::kCPU);
  NamedTensors state = model.state();
  if (!copy_state(part_of(checkpoint->tensors, "model"), state))
    return refuse("does not fit the architecture " + wanted.architecture.name);
  add_batches_tracked(state, steps_to_selected(*checkpoint, wanted.batch_size));

  const auto weights =
      write_safetensors(wanted.folder / "model.safetensors", state, wanted.metadata);
  if (!weights) return weights;
  return write_text(wanted.folder / "model.py", python_model(wanted.architecture, wanted.moments,
                                                             wanted.class_names, wanted.about));
}

}  // namespace firesweep
