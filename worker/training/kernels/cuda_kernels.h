// CUDA kernels of our own, compiled from their text where they run: by NVRTC, which comes with a
// CUDA LibTorch, so that building needs no CUDA compiler. Loaded and launched through libcuda
// itself. Knows nothing of training.
#pragma once

#include <c10/core/Device.h>

#include <cstddef>
#include <string>
#include <vector>

namespace firesweep {

struct CudaHeader {
  std::string name;  // as #include has it
  std::string text;
};

struct CudaGrid {
  unsigned x = 1, y = 1, z = 1;
};

// The kernels of one text on one GPU. Safe from any thread.
class CudaKernels {
 public:
  // Compiles for the device and loads it: some tenths of a second. `names` are extern "C" kernels.
  // Throws c10::Error, which names what is missing or what the compiler said. Not while this thread
  // records a graph.
  CudaKernels(at::Device device, const std::string& text, const std::vector<CudaHeader>& headers,
              const std::vector<std::string>& options, const std::vector<std::string>& names);
  CudaKernels(const CudaKernels&) = delete;
  CudaKernels& operator=(const CudaKernels&) = delete;
  ~CudaKernels();

  int multiprocessors() const { return multiprocessors_; }

  // Queues names[kernel] on the device's current stream; `argument` is its only one, and is copied.
  // May be recorded. Throws c10::Error where the driver refuses.
  void launch(std::size_t kernel, const CudaGrid& grid, unsigned threads,
              const void* argument) const;

 private:
  at::Device device_;
  int multiprocessors_ = 0;
  void* context_ = nullptr;  // the device's primary one
  void* module_ = nullptr;
  std::vector<void*> functions_;
};

}  // namespace firesweep
