// An architecture as a Python program: plain PyTorch, whose state_dict has the names of
// Model::state(). Free of torch.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "shared/domain/layers.h"

namespace firesweep {

// How pixels in [0, 1] become a network's input: (pixel - mean) / stddev, per channel.
struct PixelMoments {
  std::array<float, 3> mean{};
  std::array<float, 3> stddev{};
};

// The text of a model.py: `Network`, the module; `load(path)`, the module with the weights of a
// safetensors file, in evaluation; started as a program, it classifies pictures, by the names of
// the classes where there is one for each. `about` is one line on where the weights come from.
// Pure.
std::string python_model(const ResolvedArchitecture& architecture, const PixelMoments& moments,
                         std::span<const std::string_view> class_names, const std::string& about);

}  // namespace firesweep
