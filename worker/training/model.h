// An architecture as a LibTorch module: builds the layers of a ResolvedArchitecture, owns their
// parameters and buffers with the names that they have in a PyTorch state_dict, and runs them.
// Knows no files, no optimizer and no data.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "shared/base/error.h"
#include "shared/domain/layers.h"

namespace firesweep {

struct NamedTensor {
  std::string name;
  at::Tensor tensor;
};
using NamedTensors = std::vector<NamedTensor>;

enum class Init {
  kTorch,  // PyTorch's default: uniform in ±1/√fan_in (He et al. 2015 with a = √5)
  // The same, but a convolution's first filters pass its input channels on, as many as there are of
  // both, in each group (Zagoruyko, Komodakis: DiracNets, 2017, §3; Jordan: 94% on CIFAR-10 in 3.29
  // Seconds on a Single GPU, 2024, §3.3).
  kDirac,
  kWhiten,      // kTorch, but the stem begins as whitening.h says, which whoever has images sets
  kDiracWhiten  // kDirac, and the same
};
constexpr bool whitens_stem(Init init) { return init >= Init::kWhiten; }

// kBadInput names an unknown word. Pure.
Result<Init> find_init(const std::string& word);

struct ModelSettings {
  double bn_momentum = 0.1;  // Norm's (norm_relu.h), of every BatchNorm
  Init init = Init::kTorch;
  // Whether BatchNorm and ReLU run as kernels of our own on a GPU (norm_relu.h) and autocast's
  // weights are cast together (cast_weights.h). To compare with.
  bool fused = true;
};

// One layer or group of layers; defined in nodes.h.
class Node;
class CastWeights;

// Movable. Forward passes read parameters and, in training, write BatchNorm's running statistics:
// one thread at a time.
class Model {
 public:
  // Builds the layers on the CPU, initialised as the settings say (BatchNorm 1 and 0), drawn from
  // `seed` in the order of parameters(), then moves them to `device`, 4-D weights in channels_last.
  // The same seed gives the same weights on every device. Throws c10::Error where the device has no
  // room or does not exist.
  Model(const ResolvedArchitecture& architecture, std::uint64_t seed, at::Device device,
        const ModelSettings& settings = {});
  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;
  ~Model();

  // [N,C,H,W] float (or autocast's type) → logits [N,classes]. `training` turns on dropout and
  // BatchNorm's batch statistics; dropout draws from torch's default generator. The input is not
  // modified.
  at::Tensor forward(at::Tensor images, bool training) const;

  // The learned tensors, in the order of the architecture file; float, with requires_grad.
  const NamedTensors& parameters() const { return parameters_; }

  // BatchNorm's running_mean and running_var, float.
  const NamedTensors& buffers() const { return buffers_; }

  // Parameters and buffers.
  NamedTensors state() const;

  // The number of elements of parameters(). The analytic count must equal it.
  std::int64_t parameter_count() const;

  // The size of parameters and buffers in bytes.
  std::int64_t bytes() const;

 private:
  NamedTensors parameters_;
  NamedTensors buffers_;
  std::shared_ptr<CastWeights> weights_;  // what nodes_ read
  bool fused_;
  std::vector<std::unique_ptr<Node>> nodes_;
};

// Copies values by name into tensors of the same names, shapes and types, which may have another
// memory layout. Returns false and writes nothing if a name is missing or a shape or type differs.
bool copy_state(const NamedTensors& from, const NamedTensors& to);

}  // namespace firesweep
