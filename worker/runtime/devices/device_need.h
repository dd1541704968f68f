// How much of a GPU's memory a trial may take, before one like it was measured. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "shared/domain/layers.h"

namespace firesweep {

// What the allocator of a training process holds at the most, estimated towards too much: every
// layer's output of a batch in single precision, weights with gradients, optimizer and average, and
// a fixed part for images, workspaces and what the allocator cannot use. A guess all the same:
// cuDNN tries algorithms whose workspaces no shape tells. `amp` as the trial asks for it.
std::int64_t estimated_need(const ResolvedArchitecture& architecture, std::int64_t batch_size,
                            std::string_view amp);

}  // namespace firesweep
