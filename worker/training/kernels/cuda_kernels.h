// Our own CUDA kernels, compiled from source on the machine on which they run, by NVRTC, which
// comes with a CUDA LibTorch. So the build needs no CUDA compiler. They are loaded and launched
// through libcuda. Knows nothing about training.
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

// The kernels of one source text on one GPU. Safe from any thread.
class CudaKernels {
 public:
  // Compiles for the device and loads the result, which takes some tenths of a second. `names` are
  // extern "C" kernels. Throws c10::Error, which names what is missing or has the compiler's
  // message. Must not be called while this thread records a graph.
  CudaKernels(at::Device device, const std::string& text, const std::vector<CudaHeader>& headers,
              const std::vector<std::string>& options, const std::vector<std::string>& names);
  CudaKernels(const CudaKernels&) = delete;
  CudaKernels& operator=(const CudaKernels&) = delete;
  ~CudaKernels();

  int multiprocessors() const { return multiprocessors_; }

  // Launches names[kernel] on the device's current stream; `argument` is its only argument, and is
  // copied. May be recorded. Throws c10::Error if the driver refuses.
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
