// Records work on a GPU once as a CUDA graph and launches it again as a whole: for small networks
// the launches of the kernels take longer than the kernels. Knows nothing about training.
#pragma once

#include <c10/core/Device.h>

#include <functional>
#include <memory>

namespace firesweep {

// Whether this build can record work on the device: it has CUDA's headers, and the device is a GPU.
bool can_record(at::Device device);

// One recording. One thread; the memory of its tensors is kept for the recording's lifetime.
class DeviceGraph {
 public:
  // Records `work` without running it, on the current stream, which must not be the device's
  // default stream. All its tensors are on the device and have the same shapes each time. It must
  // have run at least once before, so that libraries have chosen their algorithms. Tensors that it
  // creates and keeps are overwritten by every replay. Throws what `work` throws, and c10::Error if
  // it does something that cannot be recorded; the stream is then as before. Needs can_record().
  DeviceGraph(at::Device device, const std::function<void()>& work);
  DeviceGraph(DeviceGraph&&) noexcept;
  DeviceGraph& operator=(DeviceGraph&&) noexcept;
  ~DeviceGraph();

  // Runs the recorded work on the current stream. Random numbers come from the present state of the
  // device's default generator.
  void replay();

 private:
  struct Recording;
  std::unique_ptr<Recording> recording_;
};

}  // namespace firesweep
