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

// The text of a model.py. It has the module `Network`, and `load(path)`, which returns the module
// in evaluation mode with the weights of a safetensors file. As a program it classifies images and
// prints the names of the classes if there is one for each. `about` is one line that says where the
// weights come from. Pure.
std::string python_model(const ResolvedArchitecture& architecture, const PixelMoments& moments,
                         std::span<const std::string_view> class_names, const std::string& about);

}  // namespace firesweep
