#include "worker/training/gpu_driver.h"

#include <dlfcn.h>

#include <array>

namespace firesweep {
namespace {

// From the CUDA driver API: CUresult and CUdevice are ints, 0 is success, and these are
// CUdevice_attribute values.
constexpr int kComputeCapabilityMajor = 75;
constexpr int kComputeCapabilityMinor = 76;

template <class Function>
Function* symbol(void* library, const char* name) {
  return reinterpret_cast<Function*>(dlsym(library, name));
}

}  // namespace

std::optional<GpuFacts> ask_gpu_driver(int device) {
  // Never closed: the driver keeps threads of its own.
  static void* const library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return std::nullopt;
  auto* const init = symbol<int(unsigned)>(library, "cuInit");
  auto* const get = symbol<int(int*, int)>(library, "cuDeviceGet");
  auto* const get_name = symbol<int(char*, int, int)>(library, "cuDeviceGetName");
  auto* const get_attribute = symbol<int(int*, int, int)>(library, "cuDeviceGetAttribute");
  if (init == nullptr || get == nullptr || get_name == nullptr || get_attribute == nullptr)
    return std::nullopt;

  int handle = 0, major = 0, minor = 0;
  std::array<char, 256> name{};
  if (init(0) != 0 || get(&handle, device) != 0 ||
      get_name(name.data(), static_cast<int>(name.size()) - 1, handle) != 0 ||
      get_attribute(&major, kComputeCapabilityMajor, handle) != 0 ||
      get_attribute(&minor, kComputeCapabilityMinor, handle) != 0)
    return std::nullopt;
  return GpuFacts{name.data(), 10 * major + minor};
}

}  // namespace firesweep
