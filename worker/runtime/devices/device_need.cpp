#include "worker/runtime/devices/device_need.h"

#include <algorithm>

namespace firesweep {
namespace {

constexpr double kGib = 1024.0 * 1024.0 * 1024.0;
constexpr double kMost = 1024.0 * 1024.0 * kGib;

// The weight, its gradient, four values for optimizer and average, and copies in lower precision.
constexpr double kBytesPerParameter = 32;
// On an H100 at batch 128 in bf16 the networks of architectures/ held 0.9 to 2.1 GB, of which their
// layers' outputs are 0.4 to 1.4 GB; v5_plain in single precision held 7.7 GB at batch 32
// (docs/results/h100).
constexpr double kFixedBytes = 2 * kGib;
constexpr double kSinglePrecisionBytes = 6 * kGib;

}  // namespace

std::int64_t estimated_need(const ResolvedArchitecture& architecture, std::int64_t batch_size,
                            std::string_view amp) {
  double outputs = 0, params = 0;
  for (const LayerRow& row : layer_table(architecture)) {
    outputs += static_cast<double>(row.output.elements());
    params += static_cast<double>(row.cost.params);
  }
  const double bytes = outputs * static_cast<double>(batch_size) * sizeof(float) +
                       params * kBytesPerParameter + kFixedBytes +
                       (amp == "off" ? kSinglePrecisionBytes : 0);
  return static_cast<std::int64_t>(std::min(bytes, kMost));
}

}  // namespace firesweep
