// Estimates how much GPU memory a trial needs, before a trial like it was measured. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "shared/domain/layers.h"

namespace firesweep {

// The most that the allocator of a training process will hold; a rather high estimate: every
// layer's output for a batch in single precision, weights with gradients, optimizer and average,
// and a fixed part for images, workspaces and fragmentation. It may still be too low, since the
// workspaces of cuDNN's algorithms cannot be computed. `amp` is the config's value.
std::int64_t estimated_need(const ResolvedArchitecture& architecture, std::int64_t batch_size,
                            std::string_view amp);

}  // namespace firesweep
