// Work on a GPU recorded once as a CUDA graph and launched again as one piece: small networks are
// bound by the launches of their kernels, not by the kernels. Knows nothing of training.
#pragma once

#include <c10/core/Device.h>

#include <functional>
#include <memory>

namespace firesweep {

// Whether this build can record work on the device: it has CUDA's headers, and the device is a GPU.
bool can_record(at::Device device);

// One recording. One thread; its tensors' memory is kept for the recording's life.
class DeviceGraph {
 public:
  // Records `work` without running it, on the current stream, which must not be the device's
  // default stream. All that it computes lies on the device, has the same shapes each time, and has
  // run at least once before, so that libraries have chosen their algorithms. Tensors that it makes
  // and leaves behind are overwritten by every replay. Throws what `work` throws, and c10::Error
  // where it does what cannot be recorded: the stream is then as before. Needs can_record().
  DeviceGraph(at::Device device, const std::function<void()>& work);
  DeviceGraph(DeviceGraph&&) noexcept;
  DeviceGraph& operator=(DeviceGraph&&) noexcept;
  ~DeviceGraph();

  // Runs the recorded work on the current stream. Random numbers are drawn from the device's
  // default generator as it stands now.
  void replay();

 private:
  struct Recording;
  std::unique_ptr<Recording> recording_;
};

}  // namespace firesweep
