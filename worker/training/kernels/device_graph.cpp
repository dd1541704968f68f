#include "worker/training/kernels/device_graph.h"

#include <c10/util/Exception.h>

#ifdef FIRESWEEP_CUDA_HEADERS
#include <ATen/cuda/CUDAGraph.h>
#endif

namespace firesweep {

#ifdef FIRESWEEP_CUDA_HEADERS

struct DeviceGraph::Recording {
  at::cuda::CUDAGraph graph;
};

bool can_record(at::Device device) { return device.is_cuda(); }

DeviceGraph::DeviceGraph(at::Device, const std::function<void()>& work)
    : recording_(std::make_unique<Recording>()) {
  // Other threads of the process may allocate meanwhile.
  recording_->graph.capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
  try {
    work();
  } catch (...) {
    try {
      recording_->graph.capture_end();  // the stream leaves capture even where this throws
    } catch (const c10::Error&) {
    }
    throw;
  }
  recording_->graph.capture_end();
}

void DeviceGraph::replay() { recording_->graph.replay(); }

#else

struct DeviceGraph::Recording {};

bool can_record(at::Device) { return false; }

DeviceGraph::DeviceGraph(at::Device, const std::function<void()>&) {
  TORCH_CHECK(false, "this build has no CUDA headers and cannot record graphs");
}

void DeviceGraph::replay() {}

#endif

DeviceGraph::DeviceGraph(DeviceGraph&&) noexcept = default;
DeviceGraph& DeviceGraph::operator=(DeviceGraph&&) noexcept = default;
DeviceGraph::~DeviceGraph() = default;

}  // namespace firesweep
